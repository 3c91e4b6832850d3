using Calls.Media.Rtcp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Rtcp;

public class RtcpCodecTests
{
    private static readonly ReportBlock Block = new(0xCAFE_BABE, 12, -3, 0x0001_FFFF, 77, 0x1234_5678, 65_536);
    private static readonly SenderReport Report = new(42, new NtpTime(0x0123_4567_89AB_CDEF), 960, 50, 4000);

    private readonly byte[] _buffer = new byte[512];

    [Fact]
    public void A_compound_is_read_as_it_was_written()
    {
        var writer = new RtcpWriter(_buffer);
        writer.AddSenderReport(Report, [Block, Block with { Ssrc = 7, CumulativeLost = 1000 }]);
        writer.AddCname(42, "alice@example"u8);
        writer.AddPictureLoss(42, 9);
        writer.AddBye(42);

        var reader = new RtcpReader(_buffer.AsSpan(0, writer.Length));
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.TryReadSenderReport(out var report).ShouldBeTrue();
        report.ShouldBe(Report);
        packet.ReportBlocks.Count.ShouldBe(2);
        packet.ReportBlocks[0].ShouldBe(Block);
        packet.ReportBlocks[1].CumulativeLost.ShouldBe(1000);

        reader.TryRead(out packet).ShouldBeTrue();
        packet.TryFindCname(42, out var cname).ShouldBeTrue();
        cname.SequenceEqual("alice@example"u8).ShouldBeTrue();
        packet.TryFindCname(43, out _).ShouldBeFalse();

        reader.TryRead(out packet).ShouldBeTrue();
        packet.Feedback.ShouldBe(FeedbackKind.PictureLoss);
        packet.MediaSsrc.ShouldBe(9u);

        reader.TryRead(out packet).ShouldBeTrue();
        packet.IsByeOf(42).ShouldBeTrue();
        packet.IsByeOf(41).ShouldBeFalse();
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_receiver_report_is_read_as_it_was_written()
    {
        var writer = new RtcpWriter(_buffer);
        writer.AddReceiverReport(5, [Block]);
        var reader = new RtcpReader(_buffer.AsSpan(0, writer.Length));
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.Type.ShouldBe(RtcpType.ReceiverReport);
        packet.Ssrc.ShouldBe(5u);
        packet.ReportBlocks.Count.ShouldBe(1);
        packet.ReportBlocks[0].ShouldBe(Block);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(255)]
    public void A_name_of_any_length_keeps_what_follows_readable(int length)
    {
        var name = Enumerable.Repeat((byte)'x', length).ToArray();
        var writer = new RtcpWriter(_buffer);
        writer.AddCname(1, name);
        writer.AddBye(1);
        var reader = new RtcpReader(_buffer.AsSpan(0, writer.Length));
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.TryFindCname(1, out var cname).ShouldBeTrue();
        cname.SequenceEqual(name).ShouldBeTrue();
        reader.TryRead(out packet).ShouldBeTrue();
        packet.IsByeOf(1).ShouldBeTrue();
    }

    [Fact]
    public void The_second_source_of_a_description_is_found()
    {
        byte[] sdes =
        [
            0x82,
            202,
            0,
            5,
            0,
            0,
            0,
            1,
            2,
            1,
            (byte)'n',
            0,
            0,
            0,
            0,
            2,
            1,
            2,
            (byte)'a',
            (byte)'b',
            0,
            0,
            0,
            0,
        ];
        var reader = new RtcpReader(sdes);
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.TryFindCname(2, out var cname).ShouldBeTrue();
        cname.SequenceEqual("ab"u8).ShouldBeTrue();
        packet.TryFindCname(1, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("81cd0003000000010000000200050003", FeedbackKind.Nack)]
    [InlineData("8fcd00020000000100000002", FeedbackKind.TransportWide)]
    [InlineData("84ce0002000000010000000000", FeedbackKind.FullIntraRequest)]
    [InlineData("8fce00030000000100000000" + "52454d42", FeedbackKind.ReceiverBandwidth)]
    [InlineData("8fce00030000000100000000" + "00000000", FeedbackKind.Other)]
    [InlineData("81ce0000", FeedbackKind.Other)]
    public void Kinds_of_feedback_are_told_apart(string hex, FeedbackKind kind)
    {
        var reader = new RtcpReader(Convert.FromHexString(hex));
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.Feedback.ShouldBe(kind);
    }

    [Theory]
    [InlineData("80c9000100")] // shorter than it says
    [InlineData("40c9000000")] // version 1
    [InlineData("a0c90000")] // padding without room for its count
    [InlineData("a0c9000100000005")] // more padding than there is
    [InlineData("a0c900010000000480c90000")] // padding in the middle
    public void What_does_not_hold_together_ends_the_reading(string hex)
    {
        var reader = new RtcpReader(Convert.FromHexString(hex));
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void Padding_at_the_end_is_no_content()
    {
        var reader = new RtcpReader(Convert.FromHexString("a0c900020000000100000004"));
        reader.TryRead(out var packet).ShouldBeTrue();
        packet.Body.Length.ShouldBe(4);
    }

    [Fact]
    public void A_compound_of_empty_packets_ends_at_the_limit()
    {
        var compound = Enumerable.Repeat((byte[])[0x80, 203, 0, 0], RtcpReader.MaxPackets + 5).SelectMany(p => p);
        var reader = new RtcpReader(compound.ToArray());
        var read = 0;
        while (reader.TryRead(out _))
        {
            read++;
        }

        read.ShouldBe(RtcpReader.MaxPackets);
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll(
                Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().ToArbitrary(),
                Gen.Choose(200, 208).ToArbitrary(),
                Gen.Choose(0, 31).ToArbitrary(),
                (body, type, count) =>
                {
                    byte[] bytes = [(byte)(0x80 | count), (byte)type, 0, (byte)(body.Length / 4), .. body];
                    var reader = new RtcpReader(bytes);
                    while (reader.TryRead(out var packet))
                    {
                        var blocks = packet.ReportBlocks;
                        for (var i = 0; i < blocks.Count; i++)
                        {
                            _ = blocks[i].RoundTrip(new NtpTime(1ul << 50));
                        }

                        _ = (packet.Feedback, packet.MediaSsrc, packet.Ssrc, packet.IsByeOf(0));
                        _ = packet.TryFindCname(packet.Ssrc, out _) || packet.TryReadSenderReport(out _);
                    }

                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
}
