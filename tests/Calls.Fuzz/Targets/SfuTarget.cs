using System.Buffers.Binary;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Tests.Sfu;

namespace Calls.Fuzz.Targets;

/// <summary>The SFU as a whole, with two who talk and one who is out to break it, in one room: the two hear each other all the time, and what is kept stays bounded.</summary>
internal sealed class SfuTarget : FuzzTarget
{
    private const int MostSteps = 24;
    private const int Elsewhere = 40; // addresses and connections that checks come from
    private const int ForeignPort = 4_000; // none that clients of the tests have
    private static readonly TimeSpan Listening = TimeSpan.FromMilliseconds(100);
    private static readonly NetworkPath Nowhere = VirtualNetwork.Path(9, ForeignPort + 1);

    private readonly SfuStory _story = new();
    private readonly MediaWorld _world = new(seed: 7);
    private readonly TestClient _alice;
    private readonly TestClient _bob;
    private TestClient _mallory;
    private int _sessions;

    public SfuTarget()
    {
        _alice = Honest("alice");
        _bob = Honest("bob");
        _mallory = Rejoin(0);
        _world.Run(2);
        Forget();
    }

    public override string Name => "sfu";
    public override string CorpusName => "rtp";

    // A check's answer, an event, and a copy of what goes to a handshake.
    public override long MaxAllocated(int length) => 8 * 1024;

    /// <summary>What the forwarding core has done so far.</summary>
    public ForwardingCounters Counters => _world.Core.Counters;

    public override object State => new object[] { _world.Core, _world.Control, _world.Handshakes };

    // Measured: some 190 KB with three participants, 150 of them the outbox.
    public override long MaxState => 384 * 1024;

    public override byte[] Make(Random chance, Corpus corpus) =>
        _story.Make(chance, corpus, 1 + chance.Next(MostSteps));

    public override void Run(byte[] input, Meter meter)
    {
        foreach (var step in Steps.Read(input))
        {
            Do((SfuStep)(step.Kind % 11), step.Data, meter);
            Settle();
        }
        Listen();
    }

    protected override void Release() => _world.Dispose();

    private void Do(SfuStep kind, byte[] data, Meter meter)
    {
        switch (kind)
        {
            case SfuStep.OwnRtp when data.Length >= 12:
                _mallory.NumberAsNext(data);
                Send(_mallory.Seal(data, isRtcp: false), _mallory.Path, meter);
                break;
            case SfuStep.Rtp:
                Send(_mallory.Seal(data, isRtcp: false), _mallory.Path, meter);
                break;
            case SfuStep.AimedRtcp:
                Aim(data);
                Send(_mallory.Seal(data, isRtcp: true), _mallory.Path, meter);
                break;
            case SfuStep.Rtcp:
                Send(_mallory.Seal(data, isRtcp: true), _mallory.Path, meter);
                break;
            case SfuStep.Raw:
                Send(data, _mallory.Path, meter);
                break;
            case SfuStep.Stranger:
                Send(data, Nowhere, meter);
                break;
            case SfuStep.Check when data.Length > 0:
                Send(StunBytes.Address(data, _mallory.Said!.Ufrag, _mallory.Key), PathOf(data), meter);
                break;
            case SfuStep.Pause when data.Length > 0:
                _world.Run(data[0] / 1_000.0);
                break;
            case SfuStep.Rejoin when data.Length >= 4:
                _world.Detach(_mallory.Path);
                _mallory = Rejoin(BinaryPrimitives.ReadInt32LittleEndian(data));
                break;
            case SfuStep.Voice when data.Length > 0:
                _world.SetVoice(_mallory, muted: (data[0] & 1) != 0, deafened: (data[0] & 2) != 0);
                break;
            case SfuStep.Lose when data.Length > 0:
                _world.Core.Lose(PathOf(data));
                break;
        }
    }

    private void Send(byte[]? datagram, NetworkPath from, Meter meter)
    {
        if (datagram is null)
        {
            return;
        }
        var now = _world.Network.Now;
        meter.Start();
        _world.Core.Handle(datagram, from, now);
        meter.Stop();
    }

    // What came of it goes its way.
    private void Settle() => _world.Arrive([], default, _world.Network.Now);

    // Half from where it is; the rest from other addresses, some of them TCP connections.
    private NetworkPath PathOf(byte[] data)
    {
        var place = data[^1] % (2 * Elsewhere);
        return place >= Elsewhere ? _mallory.Path
            : place % 3 == 0 ? _mallory.Path with { Connection = (uint)place + 1 }
            : VirtualNetwork.Path(1 + place, ForeignPort);
    }

    // Feedback and reports that name the streams it gets, and numbers of theirs.
    private void Aim(byte[] compound)
    {
        var heard = _mallory.Heard.Where(stream => stream.Value.Count > 0).ToList();
        for (var at = 0; at + 16 <= compound.Length && heard.Count > 0; )
        {
            var (ssrc, packets) = heard[compound[at + 7] % heard.Count];
            BinaryPrimitives.WriteUInt32BigEndian(compound.AsSpan(at + 8), ssrc);
            BinaryPrimitives.WriteUInt16BigEndian(compound.AsSpan(at + 12), packets[^1].Sequence);
            at += 4 * (1 + BinaryPrimitives.ReadUInt16BigEndian(compound.AsSpan(at + 2)));
        }
    }

    private TestClient Honest(string user)
    {
        var client = _world.Join(user);
        client.Edit = WithFeedback;
        return client;
    }

    private TestClient Rejoin(int seed)
    {
        var client = _world.Join("mallory", session: $"m-{++_sessions}");
        var hasAnswered = false;
        client.Edit = sdp =>
        {
            sdp = WithFeedback(sdp);
            var isFirst = !hasAnswered;
            hasAnswered = true;
            return isFirst && seed != 0 ? _story.Change(sdp, seed) : sdp;
        };
        _world.Run(0.1);
        if (client.LastAnswer is { Outcome: not AnswerOutcome.Accepted })
        {
            client.Answer(); // properly this time
        }
        _world.Run(0.4);
        client.TakesRtcp = false;
        return client;
    }

    private static string WithFeedback(string sdp) =>
        sdp.Replace("SAVPF 111\r\n", "SAVPF 111 63\r\n", StringComparison.Ordinal)
            .Replace(
                "a=rtcp-mux\r\n",
                "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtcp-fb:111 nack\r\na=rtcp-fb:111 transport-cc\r\na=rtpmap:63 red/48000/2\r\n"
                    + "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n",
                StringComparison.Ordinal
            );

    private void Listen()
    {
        Forget();
        _world.Run(Listening.TotalSeconds);
        Hears(_alice, "bob");
        Hears(_bob, "alice");
    }

    // Five packets in a tenth of a second, without a hole and in order.
    private static void Hears(TestClient listener, string speaker)
    {
        var heard = listener.From(speaker);
        Require(heard.Count >= 4, $"{listener.User} heard {heard.Count} packets of {speaker} in {Listening}");
        for (var i = 1; i < heard.Count; i++)
        {
            Require((ushort)(heard[i].Sequence - heard[i - 1].Sequence) == 1, $"a hole in what {listener.User} hears");
        }
    }

    private void Forget()
    {
        _alice.ForgetAll();
        _bob.ForgetAll();
        _mallory.ForgetAll();
        _world.Log.Clear();
        _world.Speakers.Clear();
        _world.ClosedConnections.Clear();
        _world.FailedHandshakes.Clear();
        _world.Failures.Clear();
        _world.HandshakeTimes.Clear();
    }
}
