using System.Diagnostics;

namespace Calls.Actors.Tests.Persistence;

internal static class Eventually
{
    /// <summary>Waits for something that real time brings; the deadline is generous, for busy machines.</summary>
    public static async Task Holds(Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(60), what);
            await Task.Delay(20);
        }
    }
}
