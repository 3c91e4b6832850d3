using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Host.Telemetry;
using Calls.Protocol;

namespace Calls.Host.Signalling;

/// <summary>Takes the first answer to a request and lets later ones (of an actor that was too slow) go by.</summary>
internal sealed class OnceReply(Action<CallReply> answer) : ICallReply
{
    private ReplyTo<bool>? _asker;
    private int _answered;

    /// <summary>What was answered, for log, metrics and trace.</summary>
    public CommandResult Outcome { get; } = new();

    /// <summary>Lets the asking side know, too, that the answer has been given.</summary>
    public OnceReply And(ReplyTo<bool> asker)
    {
        _asker = asker;
        return this;
    }

    public void Concerns(CallId call) => Outcome.Call = call;

    public void Answer(CallReply reply)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
        {
            (Outcome.Error, Outcome.ErrorId) = (reply.Refusal?.Code, reply.ErrorId);
            answer(reply);
        }
        _asker?.Tell(true);
    }
}
