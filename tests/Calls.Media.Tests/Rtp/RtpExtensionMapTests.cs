using Calls.Media.Rtp;

namespace Calls.Media.Tests.Rtp;

public class RtpExtensionMapTests
{
    private readonly RtpExtensionMap _map = new RtpExtensionMap().With(1, 10).With(2, 200);

    [Fact]
    public void One_byte_elements_are_renumbered_or_stripped_and_the_header_keeps_its_length()
    {
        var bytes = RtpPacketTests.WithExtension(0xBEDE, [0x10, 0x85, 0x00, 0x32, 1, 2, 3, 0x20, 9, 0, 0, 0]);
        _map.TryRewrite(bytes).ShouldBeTrue();
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        packet.Payload.ToArray().ShouldBe([0xEE]);
        packet.Extensions.TryFind(10, out var level).ShouldBeTrue();
        level.ToArray().ShouldBe([0x85]);

        // Id 3 is not in the map, id 2 would become 200, which this form cannot say.
        var ids = new List<int>();
        foreach (var element in packet.Extensions)
        {
            ids.Add(element.Id);
        }

        ids.ShouldBe([10]);
    }

    [Fact]
    public void Two_byte_elements_are_renumbered_or_stripped()
    {
        var bytes = RtpPacketTests.WithExtension(0x1000, [2, 1, 7, 3, 2, 8, 8, 0]);
        _map.TryRewrite(bytes).ShouldBeTrue();
        RtpPacket.TryParse(bytes, out var packet).ShouldBeTrue();
        packet.Extensions.TryFind(200, out var value).ShouldBeTrue();
        value.ToArray().ShouldBe([7]);
        packet.Extensions.TryFind(3, out _).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_unreadable_or_of_another_profile_goes_further()
    {
        var bytes = RtpPacketTests.WithExtension(0xBEDE, [0x10, 0x01, 0xF0, 0x77]);
        _map.TryRewrite(bytes).ShouldBeTrue();
        bytes[16..20].ShouldBe([0xA0, 0x01, 0, 0]);

        bytes = RtpPacketTests.WithExtension(0x4242, [1, 2, 3, 4]);
        _map.TryRewrite(bytes).ShouldBeTrue();
        bytes[16..20].ShouldBe([0, 0, 0, 0]);
    }

    [Fact]
    public void A_packet_that_is_none_is_refused() => _map.TryRewrite(new byte[5]).ShouldBeFalse();
}
