using System.Diagnostics;

namespace Calls.TestKit;

/// <summary>Waiting for what can be observed, never for time to pass.</summary>
public static class Eventually
{
    /// <summary>Generous: real browsers and servers on a busy machine. What holds ends the wait at once.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the condition holds; past the deadline it fails with <paramref name="words"/>.</summary>
    public static async Task Holds(Func<Task<bool>> condition, Func<string> words)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Deadline)
            {
                throw new TimeoutException($"Within {Deadline.TotalSeconds} s this did not come true: {words()}");
            }

            await Task.Delay(Pause);
        }
    }
}
