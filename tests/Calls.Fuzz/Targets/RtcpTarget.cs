using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Rtcp;

namespace Calls.Fuzz.Targets;

/// <summary>RTCP compounds after decryption: everything that can be asked of each packet.</summary>
internal sealed class RtcpTarget : SingleInputTarget
{
    private readonly long[] _arrivals = new long[TransportFeedback.MaxPackets];
    private int _packets;
    private int _items;

    public override string Name => "rtcp";

    public override long MaxAllocated(int length) => 0;

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var compound = corpus.Pick(chance);
        for (var changes = 1 + chance.Next(3); changes > 0; changes--)
        {
            compound = RtcpBytes.Mutate(chance, compound, corpus.Entries);
        }
        return compound;
    }

    protected override void Read(byte[] input)
    {
        (_packets, _items) = (0, 0);
        var reader = new RtcpReader(input);
        while (reader.TryRead(out var packet))
        {
            _packets++;
            packet.TryReadSenderReport(out _);
            ReferenceTimes.TryReadReferenceTime(packet, out _);
            for (var i = 0; i < packet.ReportBlocks.Count; i++)
            {
                _ = packet.ReportBlocks[i].RoundTrip(new NtpTime(1));
            }
            for (var i = 0; i < packet.CountNackItems(); i++)
            {
                _ = packet.NackItem(i);
                _items++;
            }
            packet.TryFindCname(packet.Ssrc, out _);
            packet.IsByeOf(packet.Ssrc);
            _ = (packet.Feedback, packet.MediaSsrc);
            packet.TryReadTransportFeedback(out _, _arrivals, out _);
        }
    }

    protected override void Examine(byte[] input)
    {
        Require(_packets <= RtcpReader.MaxPackets, "more packets than are read of one compound");
        Require(_items <= _packets * Nack.MaxItems, "more items than are read of one request");
    }
}
