using Calls.Actors.Kernel;

namespace Calls.TestKit;

/// <summary>An actor that only keeps what it is told.</summary>
public sealed class Probe : Actor
{
    private readonly List<object> _received;

    private Probe(List<object> received) => _received = received;

    /// <summary>Makes one; <paramref name="received"/> grows with what it is told.</summary>
    public static IActorRef Spawn(ActorSystem actors, string name, out IReadOnlyList<object> received)
    {
        var list = new List<object>();
        received = list;
        return actors.Spawn(name, () => new Probe(list));
    }

    protected override ValueTask Receive(object message)
    {
        _received.Add(message);
        return ValueTask.CompletedTask;
    }
}
