using System.Security.Cryptography;
using Calls.Media.Ice;
using Calls.Media.Rtp;
using Calls.Media.Sfu;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Bench;

/// <summary>A room in which everybody talks, with its clients' packets made beforehand.</summary>
internal sealed class BenchRoom
{
    private const int OpusPayload = 80; // bytes: 32 kbit/s in frames of 20 ms, a packet of 112 with everything

    private readonly ForwardingCore _core;
    private readonly Outbox _outbox;
    private readonly List<Sender> _senders = [];

    // As quick as one may send: any faster it would be a flood, and go no further.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1) / SendCeiling.PacketsPerSecond;

    private readonly List<(byte[] Datagram, NetworkPath From)> _packets = [];
    private readonly bool _hasFeedback;
    private TimeSpan _now;
    private long _sent;

    /// <param name="profile">Of everybody.</param>
    /// <param name="people">How many there are.</param>
    /// <param name="hasFeedback">Whether they have agreed to retransmissions and transport-wide feedback, as browsers do.</param>
    public BenchRoom(SrtpProfile profile, int people, bool hasFeedback)
    {
        _hasFeedback = hasFeedback;
        _outbox = new Outbox(outbox => _sent += outbox.Count);
        _core = new ForwardingCore(
            TimeSpan.FromHours(1),
            DateTimeOffset.UnixEpoch,
            _outbox,
            RandomNumberGenerator.Fill
        );
        for (var i = 0; i < people; i++)
        {
            _senders.Add(Admit(profile, i));
        }
        foreach (var receiver in _senders)
        {
            foreach (var source in _senders)
            {
                if (source != receiver)
                {
                    var format = new DownlinkFormat($"{source.Index + 1}", (uint)(100 + source.Index), "u", 111, 1, 2)
                    {
                        SendsNack = hasFeedback,
                        TransportId = hasFeedback ? 3 : 0,
                    };
                    _core.Apply(new SetDownlink(receiver.Id, source.Id, format), _now);
                }
            }
        }
        _outbox.Flush(); // the answers to the checks
    }

    /// <summary>Bytes that a participant holds while nothing happens, without the outbox, of which a server has one.</summary>
    public static double MeasureMemory(SrtpProfile profile, int people, bool hasFeedback)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var room = new BenchRoom(profile, people, hasFeedback);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(room);
        return (double)(after - before - (Outbox.Capacity * Outbox.SlotSize)) / people;
    }

    public void Prepare(int packets)
    {
        _packets.Clear();
        for (var i = 0; i < packets; i++)
        {
            var sender = _senders[i % _senders.Count];
            _packets.Add((sender.NextPacket(), sender.Path));
        }
    }

    public long Forward()
    {
        var before = _sent;
        for (var i = 0; i < _packets.Count; i++)
        {
            _now += i % _senders.Count == 0 ? Turn : TimeSpan.Zero;
            _core.Handle(_packets[i].Datagram, _packets[i].From, _now);
        }
        _outbox.Flush();
        return _sent - before;
    }

    private UplinkFormat Uplink() =>
        new([111], 1, 2, "0")
        {
            TakesNack = _hasFeedback,
            TakesReducedSize = true,
            TransportId = _hasFeedback ? 3 : 0,
        };

    private Sender Admit(SrtpProfile profile, int index)
    {
        var ice = IceCredentials.Create(RandomNumberGenerator.Fill);
        var sender = new Sender(profile, index, _hasFeedback);
        _core.Apply(new AddPeer(sender.Id, $"s{index}", ice, Muted: false, Deafened: false, new PeerCounters()), _now);
        _core.Apply(new SetUplink(sender.Id, Uplink()), _now);
        var check = new byte[StunMessage.MaxLength];
        var asks = new StunCheck($"{ice.Ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: true);
        var length = StunWriter.WriteCheck(check, new byte[StunMessage.TransactionIdLength], asks, ice.Key);
        _core.Handle(check.AsSpan(0, length), sender.Path, _now);
        _core.Apply(new SetKeys(sender.Id, sender.ServerKeys), _now);
        return sender;
    }

    private sealed class Sender
    {
        private readonly SrtpSender _srtp;
        private readonly bool _hasFeedback;
        private SrtpStream _stream;
        private ushort _sequence;
        private uint _timestamp;

        public Sender(SrtpProfile profile, int index, bool hasFeedback)
        {
            _hasFeedback = hasFeedback;
            Index = index;
            var exported = RandomNumberGenerator.GetBytes(profile.ExportLength);
            var (client, server) = SrtpKeys.Split(profile, exported);
            _srtp = new SrtpSender(client);
            ServerKeys = new PeerKeys(new SrtpReceiver(client), new SrtpSender(server), Alerts: null);
        }

        public int Index { get; }
        public PeerId Id => new(Index + 1);
        public NetworkPath Path => new(TransportAddress.FromIpv4(0x0A00_0002u + (uint)Index, 5_000), default);
        public PeerKeys ServerKeys { get; }

        public byte[] NextPacket()
        {
            var packet = new byte[160];
            var header = new RtpHeaderWriter(
                packet,
                111,
                marker: false,
                _sequence++,
                _timestamp += 960,
                (uint)(7 + Index)
            );
            header.AddExtension(1, [30]);
            if (_hasFeedback)
            {
                header.AddExtension(3, [(byte)(_sequence >> 8), (byte)_sequence]);
            }
            var length = header.Finish() + OpusPayload;
            return packet[.._srtp.Protect(ref _stream, packet, length)];
        }
    }
}
