using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sfu;

namespace Calls.Fuzz.Targets;

/// <summary>Handshakes: strange datagrams before, within and after a client's own, pauses between them. Whatever becomes of it, nothing is left of it half a minute later, and the session takes a proper client.</summary>
internal sealed class DtlsTarget : FuzzTarget
{
    /// <summary>Datagrams that one may be answered with: the longest flight has three.</summary>
    private const int MostAnswers = 8;

    private static readonly DateTimeOffset Epoch = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);
    private static readonly DtlsIdentity Server = new(Epoch);
    private static readonly DtlsIdentity Client = new(Epoch);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(30);
    private static readonly PeerId Peer = new(1);
    private static readonly NetworkPath From = new(TransportAddress.FromIpv4(0x0A00_0002, 5_000), default);

    private enum Kind : byte
    {
        /// <summary>A datagram as it is.</summary>
        Datagram,

        /// <summary>The client's next datagrams, whole.</summary>
        Own,

        /// <summary>The client's next datagrams with bytes changed: pairs of a place and what is mixed in.</summary>
        OwnChanged,

        /// <summary>Time passes, in tens of milliseconds.</summary>
        Pause,
    }

    private readonly List<byte[]> _toClient = [];
    private Handshakes _handshakes = new(Server, 4, GiveUp);
    private TimeSpan _now;
    private bool _isDone;

    public override string Name => "dtls";

    // The datagrams of a flight, and once a handshake is done the keys.
    public override long MaxAllocated(int length) => 64 * 1024;

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var steps = new List<Step>();
        for (var count = 1 + chance.Next(6); count > 0; count--)
        {
            var kind = (Kind)chance.Next(4);
            var data = kind == Kind.Datagram ? corpus.Pick(chance) : new byte[2 * (1 + chance.Next(4))];
            if (kind == Kind.Datagram && chance.Next(4) > 0)
            {
                data = Bytes.Mutate(chance, data, corpus.Entries);
            }
            else if (kind != Kind.Datagram)
            {
                chance.NextBytes(data);
            }
            steps.Add(new Step((byte)kind, data));
        }
        return Steps.Write(steps);
    }

    public override void Run(byte[] input, Meter meter)
    {
        using var handshakes = _handshakes = new Handshakes(Server, 4, GiveUp);
        using var client = new DtlsHandshake(Client, DtlsRole.Client, TimeSpan.Zero);
        (_now, _isDone) = (TimeSpan.Zero, false);
        _toClient.Clear();
        handshakes.Admit(Peer);
        handshakes.Expect(Peer, Client.Fingerprint);
        foreach (var step in Steps.Read(input))
        {
            Do(step, client, meter);
        }
        _now += GiveUp + TimeSpan.FromSeconds(1);
        handshakes.Advance(_now);
        Require(handshakes.Running == 0, "a handshake that goes on for ever");
        if (!_isDone)
        {
            // A session shakes hands once; what has failed before counts for nothing.
            TakesAProperClient();
        }
    }

    protected override void Release() => _handshakes.Dispose();

    private void Do(Step step, DtlsHandshake client, Meter meter)
    {
        switch ((Kind)(step.Kind & 3))
        {
            case Kind.Datagram:
                Handle(step.Data, meter);
                break;
            case Kind.Own:
                Continue(client, [], meter);
                break;
            case Kind.OwnChanged:
                Continue(client, step.Data, meter);
                break;
            case Kind.Pause when step.Data.Length > 0:
                _now += TimeSpan.FromMilliseconds(10 * step.Data[0]);
                meter.Start();
                _handshakes.Advance(_now);
                meter.Stop();
                Collect();
                break;
        }
    }

    private void Continue(DtlsHandshake client, byte[] changes, Meter meter)
    {
        _toClient.ForEach(datagram => client.Handle(datagram, _now));
        _toClient.Clear();
        while (client.TryTake(out var datagram))
        {
            for (var i = 0; i + 1 < changes.Length; i += 2)
            {
                datagram[changes[i] % datagram.Length] ^= changes[i + 1];
            }
            Handle(datagram, meter);
        }
    }

    private void Handle(byte[] datagram, Meter meter)
    {
        meter.Start();
        _handshakes.Handle(Peer, From, datagram, _now);
        meter.Stop();
        Collect();
    }

    private void Collect()
    {
        var before = _toClient.Count;
        foreach (var output in _handshakes.TakeOutputs())
        {
            if (output is SendDatagram send)
            {
                _toClient.Add(send.Datagram);
            }
            _isDone |= output is HandshakeDone;
        }
        Require(_toClient.Count - before <= MostAnswers, $"{_toClient.Count - before} datagrams in answer to one");
        Require(_handshakes.Running is 0 or 1, "more handshakes than sessions");
    }

    private void TakesAProperClient()
    {
        using var client = new DtlsHandshake(Client, DtlsRole.Client, _now);
        _toClient.Clear();
        for (var round = 0; round < 8 && client.Phase == DtlsPhase.Handshaking; round++)
        {
            Continue(client, [], new Meter());
        }
        Require(client.Phase == DtlsPhase.Done, $"a proper client got no further: {client.Failure}");
    }
}
