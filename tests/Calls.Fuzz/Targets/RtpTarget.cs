using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Rtp;

namespace Calls.Fuzz.Targets;

/// <summary>RTP packets after decryption: header, extensions, redundancy, and the numbers that receivers are given.</summary>
internal sealed class RtpTarget : SingleInputTarget
{
    private static readonly RtpExtensionMap Map = new RtpExtensionMap().With(1, 14).With(2, 1).With(200, 3);

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private const uint FrameUnits = 960; // at 48 kHz

    private ushort _sequence;
    private uint _timestamp;
    private StreamRewriter _rewriter = new(77, 88, 48_000);
    private TimeSpan _now;
    private byte[] _rewritten = [];
    private byte[] _renumbered = [];

    public override string Name => "rtp";

    // Two copies of the packet.
    public override long MaxAllocated(int length) => 256 + (4 * length);

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var packet = corpus.Pick(chance);
        for (var changes = 1 + chance.Next(3); changes > 0; changes--)
        {
            packet = RtpBytes.Mutate(chance, packet, corpus.Entries);
        }
        return packet;
    }

    protected override void Read(byte[] input)
    {
        (_rewritten, _renumbered) = ([], []);
        if (!RtpPacket.TryParse(input, out var packet))
        {
            return;
        }
        foreach (var element in packet.Extensions)
        {
            AudioLevel.TryRead(element.Value, out _);
        }
        if (RedPayload.TryFindPrimary(packet.Payload, out var primary) && primary.Length <= packet.Payload.Length)
        {
            _renumbered = packet.Payload.ToArray();
            RedPayload.SetBlockType(_renumbered, 96);
        }
        Forward(packet);
        _rewritten = (byte[])input.Clone();
        Require(Map.TryRewrite(_rewritten), "a header that could be read could not be rewritten");
    }

    // As to a receiver: now and then after a pause, and then sometimes with a clock that is off by a number at an edge.
    private void Forward(in RtpPacket packet)
    {
        var (sequence, timestamp) = (packet.SequenceNumber, packet.Timestamp);
        _now += Frame;
        if (packet.Marker)
        {
            _rewriter.Pause();
            var off = Bytes.Edge(timestamp);
            (sequence, timestamp) = ((ushort)(_sequence + 1), _timestamp + FrameUnits + off);
        }
        if (_rewriter.TryRewrite(packet.Ssrc, sequence, timestamp, _now, out _, out _))
        {
            (_sequence, _timestamp) = (sequence, timestamp);
        }
    }

    protected override void Examine(byte[] input)
    {
        if (_rewritten.Length == 0 || !RtpPacket.TryParse(input, out var before))
        {
            return;
        }
        Require(RtpPacket.TryParse(_rewritten, out var after), "a rewritten packet cannot be read");
        Require(after.Payload.SequenceEqual(before.Payload), "rewriting the extensions changed the payload");
        foreach (var element in after.Extensions)
        {
            // An id 0 with a length is passed over by whoever reads it (RFC 8285 section 4.2).
            Require(element.Id is 0 or 1 or 3 or 14, $"extension {element.Id} was let through");
        }
        if (_renumbered.Length > 0)
        {
            RedPayload.TryFindPrimary(before.Payload, out var frame);
            Require(RedPayload.TryFindPrimary(_renumbered, out var same), "renumbered redundancy cannot be read");
            Require(same.SequenceEqual(frame), "renumbered redundancy holds another frame");
        }
    }
}
