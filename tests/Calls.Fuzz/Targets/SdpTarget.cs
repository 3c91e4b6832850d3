using System.Text;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media;
using Calls.Media.Dtls;
using Calls.Media.Sdp;
using Calls.Media.Sfu;

namespace Calls.Fuzz.Targets;

/// <summary>Answers, to an offer that has as many lines as they: read, laid beside the offer, and what follows carried out by a forwarding core.</summary>
internal sealed class SdpTarget : FuzzTarget
{
    private const int MostMembers = 8;

    private static readonly SdpTransport Transport = new(
        new DtlsIdentity(DateTimeOffset.UnixEpoch.AddYears(56)).Fingerprint,
        [System.Net.IPAddress.Loopback],
        7882
    );

    private readonly Outbox _outbox = new(_ => { });

    public override string Name => "sdp";

    // A line of 20 characters becomes an object or two; the next offer of eight m-lines has some 10 KB.
    public override long MaxAllocated(int length) => (128 * 1024) + (40L * length);

    public override byte[] Make(Random chance, Corpus corpus) =>
        Text.Mutate(chance, corpus.Pick(chance), corpus.Entries, "\n\n\n =: /");

    public override void Run(byte[] input, Meter meter)
    {
        var text = Encoding.UTF8.GetString(input);
        var random = new Random(1);
        var control = new ControlPlane(Transport, random.NextBytes);
        var core = new ForwardingCore(TimeSpan.FromSeconds(5), DateTimeOffset.UnixEpoch, _outbox, random.NextBytes);
        var others = Math.Clamp(text.Split("m=").Length - 2, 0, MostMembers - 1);
        for (var i = 0; i < others; i++)
        {
            control.Open("room", $"s-{i}", $"user-{i}", muted: false, deafened: false);
        }
        control.Open("room", "s", "mallory", muted: false, deafened: false);
        Carry(control, core);

        meter.Start();
        var result = control.Answer("s", 1, text);
        Carry(control, core);
        meter.Stop();

        Require(result.Outcome != AnswerOutcome.Stale, "the first answer was stale");
        var isRefused = result.Outcome == AnswerOutcome.Invalid;
        Require(isRefused == (result.Message is { Length: > 0 }), "a refusal without a word, or words without one");
        Require(result.Message is not { Length: > 4_096 }, "a refusal that repeats what was sent");
        Require(control.Find("s")!.IsAwaitingAnswer == isRefused, "refused, and taken");
        control.Close("s");
        Carry(control, core);
        Require(control.SessionCount == others, "a session that does not close");
    }

    private static void Carry(ControlPlane control, ForwardingCore core)
    {
        foreach (var output in control.TakeOutputs())
        {
            if (output is Forwarding forwarding)
            {
                core.Apply(forwarding.Command, TimeSpan.Zero);
            }
        }
    }
}
