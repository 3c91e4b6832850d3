using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>
/// At most so many starts a minute by one user, in one channel, and at one target (S13). Counted by the store, so that
/// the limits hold wherever a user is connected.
/// </summary>
internal sealed class StartLimits(CallEnvironment env)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Takes a place in each of the counters, or in none and says how long to wait.</summary>
    /// <param name="start">The call that is to be made.</param>
    public async ValueTask<TimeSpan?> Take(StartCall start)
    {
        List<StartCounter> taken = [];
        foreach (var counter in CountersOf(start))
        {
            var wait = await env.Store.TakeStart(counter, start.Call.Value, env.Policy.StartsPerMinute, Window);
            if (wait is not null)
            {
                await GiveBack(taken, start);
                return wait;
            }
            taken.Add(counter);
        }
        return null;
    }

    /// <summary>The start was refused after all, and is not to count.</summary>
    public ValueTask GiveBack(StartCall start) => GiveBack(CountersOf(start), start);

    private async ValueTask GiveBack(IEnumerable<StartCounter> counters, StartCall start)
    {
        foreach (var counter in counters)
            await env.Store.GiveStartBack(counter, start.Call.Value);
    }

    /// <summary>Always in this order.</summary>
    private static IEnumerable<StartCounter> CountersOf(StartCall start)
    {
        yield return new StartCounter(StartCounterKind.User, start.User.Value);
        yield return new StartCounter(StartCounterKind.Channel, start.Channel.Value);
        if (start.Kind == ChannelKind.Direct)
            yield return new StartCounter(StartCounterKind.Target, start.Targets[0].Value);
    }
}
