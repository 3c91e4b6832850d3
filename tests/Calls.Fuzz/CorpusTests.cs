using System.Text;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Targets;
using Calls.Media.Dtls;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Sdp;
using Calls.Media.Stun;
using Calls.Media.Tcp;
using Calls.Protocol.Wire;

namespace Calls.Fuzz;

/// <summary>What was captured is real: unchanged, it is read by what it was sent to. And what is made of it gets far.</summary>
public sealed class CorpusTests
{
    [Fact]
    public void Checks_are_read() => Each("stun", bytes => StunMessage.TryParse(bytes, out _));

    [Fact]
    public void DTLS_datagrams_begin_with_a_whole_record() => Each("dtls", bytes => DtlsRecords.Length(bytes) > 0);

    [Fact]
    public void RTP_packets_are_read() => Each("rtp", bytes => RtpPacket.TryParse(bytes, out _));

    [Fact]
    public void RTCP_compounds_are_read_to_their_end() => Each("rtcp", IsWholeCompound);

    [Fact]
    public void Answers_are_read() =>
        Each("sdp", bytes => SdpParser.TryParse(Encoding.UTF8.GetString(bytes), out _, out _));

    [Fact]
    public void Requests_are_read() => Each("request", bytes => RequestParser.Parse(bytes).Error is null);

    [Fact]
    public void Streams_over_TCP_hold_packets() => Each("framing", HoldsPackets);

    [Fact]
    public void A_hostile_participants_packets_reach_all_that_the_forwarding_core_does()
    {
        using var target = new SfuTarget();
        var corpus = Corpus.Load(target.CorpusName);
        var meter = new Meter();
        for (var seed = 0; seed < 300; seed++)
        {
            target.Run(target.Make(new Random(seed), corpus), meter);
        }
        var counters = target.Counters;
        counters.Forwarded.ShouldBePositive();
        counters.Unexpected.ShouldBePositive("authentic RTP that belongs to no source");
        counters.Unauthentic.ShouldBePositive("forged packets");
        counters.FromUnknown.ShouldBePositive("strangers");
        counters.Requested.ShouldBePositive("holes that the core asks about");
        counters.Resent.ShouldBePositive("requests for packets that the core has");
    }

    private static void Each(string corpus, Func<byte[], bool> isRead)
    {
        var entries = Corpus.Load(corpus).Entries;
        for (var i = 0; i < entries.Count; i++)
        {
            isRead(entries[i]).ShouldBeTrue($"{corpus}, number {i}");
        }
    }

    private static bool IsWholeCompound(byte[] compound)
    {
        var reader = new RtcpReader(compound);
        var length = 0;
        while (reader.TryRead(out var packet))
        {
            length += 4 + packet.Body.Length;
        }
        // The last packet may be padded, by as many bytes as the last one says (RFC 3550 section 6.4.1).
        return length == compound.Length || length + compound[^1] == compound.Length;
    }

    private static bool HoldsPackets(byte[] stream)
    {
        var reader = new FrameReader(2_048);
        stream.AsSpan(0, Math.Min(stream.Length, 4_000)).CopyTo(reader.Free);
        reader.Received(Math.Min(stream.Length, 4_000));
        return reader.TryTake(out var first) && StunMessage.TryParse(first, out _);
    }
}
