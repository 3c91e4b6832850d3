using Calls.Media.Rtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Rtp;

public class RtpPacketTests
{
    private static readonly byte[] Fixed = [0x80, 0xEF, 0x12, 0x34, 1, 2, 3, 4, 0xCA, 0xFE, 0xBA, 0xBE];

    [Fact]
    public void The_fixed_header_is_read()
    {
        RtpPacket.TryParse([.. Fixed, 7, 8, 9], out var packet).ShouldBeTrue();
        packet.Marker.ShouldBeTrue();
        packet.PayloadType.ShouldBe((byte)111);
        packet.SequenceNumber.ShouldBe((ushort)0x1234);
        packet.Timestamp.ShouldBe(0x0102_0304u);
        packet.Ssrc.ShouldBe(0xCAFE_BABEu);
        packet.HeaderLength.ShouldBe(12);
        packet.Payload.ToArray().ShouldBe([7, 8, 9]);
        packet.Extensions.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void CSRCs_extension_and_padding_are_not_payload()
    {
        byte[] bytes = [.. Fixed, 0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 1, 0x10, 0xAA, 0, 0, 5, 6, 0, 0, 3];
        bytes[0] = 0xB2;
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        packet.HeaderLength.ShouldBe(28);
        packet.PaddingLength.ShouldBe(3);
        packet.Payload.ToArray().ShouldBe([5, 6]);
        packet.Extensions.TryFind(1, out var value).ShouldBeTrue();
        value.ToArray().ShouldBe([0xAA]);
    }

    [Theory]
    [InlineData("80ef123401020304cafeba")] // too short
    [InlineData("40ef123401020304cafebabe00")] // version 1
    [InlineData("81ef123401020304cafebabe0000")] // a CSRC beyond the end
    [InlineData("90ef123401020304cafebabe")] // no room for the extension's header
    [InlineData("90ef123401020304cafebabebede0001")] // an extension beyond the end
    [InlineData("a0ef123401020304cafebabe")] // padding without a byte
    [InlineData("a0ef123401020304cafebabe00")] // padding of nothing
    [InlineData("a0ef123401020304cafebabe0003")] // more padding than there is
    public void What_does_not_hold_together_is_no_packet(string hex) =>
        RtpPacket.TryParse(Convert.FromHexString(hex), out _).ShouldBeFalse();

    [Fact]
    public void One_byte_elements_are_found_over_padding_and_up_to_id_15()
    {
        byte[] bytes = WithExtension(0xBEDE, [0x00, 0x10, 0x85, 0x00, 0x32, 1, 2, 3, 0xF0, 0x99, 0x50, 0x77]);
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        packet.Extensions.TryFind(1, out var level).ShouldBeTrue();
        AudioLevel.TryRead(level, out var read).ShouldBeTrue();
        read.ShouldBe(new AudioLevel(true, 5));
        packet.Extensions.TryFind(3, out var value).ShouldBeTrue();
        value.ToArray().ShouldBe([1, 2, 3]);
        packet.Extensions.TryFind(5, out _).ShouldBeFalse();
    }

    [Fact]
    public void Two_byte_elements_are_found_also_with_empty_values()
    {
        byte[] bytes = WithExtension(0x1003, [20, 0, 0, 200, 3, 7, 8, 9]);
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        packet.Extensions.TryFind(20, out var empty).ShouldBeTrue();
        empty.Length.ShouldBe(0);
        packet.Extensions.TryFind(200, out var value).ShouldBeTrue();
        value.ToArray().ShouldBe([7, 8, 9]);
    }

    [Fact]
    public void An_element_longer_than_the_extension_ends_the_reading()
    {
        RtpPacket.TryParse(WithExtension(0xBEDE, [0x10, 0x01, 0x2F, 0x00]), out var packet).ShouldBeTrue();
        packet.Extensions.TryFind(1, out _).ShouldBeTrue();
        packet.Extensions.TryFind(2, out _).ShouldBeFalse();
    }

    [Fact]
    public void Rewriting_fields_touches_nothing_else()
    {
        byte[] bytes = [.. Fixed, 1, 2, 3];
        RtpHeader.SetSsrc(bytes, 0x0A0B_0C0D);
        RtpHeader.SetSequenceNumber(bytes, 65_535);
        RtpHeader.SetTimestamp(bytes, 0xFFFF_FFFE);
        RtpHeader.SetPayloadType(bytes, 96);
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        (packet.Ssrc, packet.SequenceNumber, packet.Timestamp).ShouldBe((0x0A0B_0C0Du, ushort.MaxValue, 0xFFFF_FFFEu));
        (packet.PayloadType, packet.Marker).ShouldBe(((byte)96, true));
        packet.Payload.ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void What_the_writer_writes_is_read_back()
    {
        var bytes = new byte[64];
        var writer = new RtpHeaderWriter(bytes, 111, true, 7, 960, 0xCAFE_BABE);
        writer.AddExtension(4, "mic-0"u8);
        writer.AddExtension(1, [new AudioLevel(false, 30).ToByte()]);
        var length = writer.Finish();
        RtpPacket.TryParse(bytes.AsSpan(0, length + 2), out var packet).ShouldBeTrue();
        packet.HeaderLength.ShouldBe(length);
        (packet.SequenceNumber, packet.Timestamp, packet.Ssrc).ShouldBe(((ushort)7, 960u, 0xCAFE_BABEu));
        packet.Extensions.TryFind(4, out var mid).ShouldBeTrue();
        mid.SequenceEqual("mic-0"u8).ShouldBeTrue();
        packet.Extensions.TryFind(1, out var level).ShouldBeTrue();
        level.ToArray().ShouldBe([30]);
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll(
                Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().ToArbitrary(),
                Gen.Elements<byte>(0x80, 0x90, 0xB0, 0x92).ToArbitrary(),
                Gen.Elements<ushort>(0xBEDE, 0x1000, 0x100F, 0x1234).ToArbitrary(),
                (body, first, profile) =>
                {
                    byte[] bytes =
                    [
                        first,
                        .. Fixed[1..],
                        (byte)(profile >> 8),
                        (byte)profile,
                        0,
                        (byte)(body.Length / 4),
                        .. body,
                    ];
                    if (RtpPacket.TryParse(bytes, out var packet))
                    {
                        packet.Extensions.TryFind(3, out _);
                        _ = packet.Payload.Length;
                    }

                    _ = new RtpExtensionMap().With(3, 4).TryRewrite(bytes);
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    internal static byte[] WithExtension(ushort profile, byte[] elements)
    {
        byte[] bytes =
        [
            .. Fixed,
            (byte)(profile >> 8),
            (byte)profile,
            0,
            (byte)(elements.Length / 4),
            .. elements,
            0xEE,
        ];
        bytes[0] |= 0x10;
        return bytes;
    }
}
