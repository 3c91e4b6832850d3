using System.Net;
using System.Text;
using Calls.Media.Stun;

namespace Calls.Media.Tests.Stun;

/// <summary>The examples of RFC 5769.</summary>
public class StunVectorTests
{
    private static readonly StunKey Key = new("VOkJxbRl1RmTxUk/WvJxBt");

    private static readonly byte[] Request = Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36"
            + "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
    );

    private static readonly byte[] Ipv4Response = Convert.FromHexString(
        "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
            + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
    );

    private static readonly byte[] Ipv6Response = Convert.FromHexString(
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
            + "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
    );

    [Fact]
    public void The_sample_request_is_read()
    {
        StunMessage.TryParse(Request, out var message).ShouldBeTrue();
        message.Class.ShouldBe(StunClass.Request);
        message.Method.ShouldBe(StunMessage.BindingMethod);
        Convert.ToHexStringLower(message.TransactionId).ShouldBe("b7e7a701bc34d686fa87dfae");
        Encoding.ASCII.GetString(message.Username).ShouldBe("evtj:h6vY");
        message.Priority.ShouldBe(0x6e0001ffu);
        message.IceControlled.ShouldBe(0x932ff9b151263b36ul);
        message.IceControlling.ShouldBeNull();
        message.UseCandidate.ShouldBeFalse();
        message.HasFingerprint.ShouldBeTrue();
        message.Unknown.Count.ShouldBe(0);
        message.VerifyIntegrity(Key).ShouldBeTrue();
        message.VerifyIntegrity(new StunKey("VOkJxbRl1RmTxUk/WvJxBu")).ShouldBeFalse();
    }

    [Fact]
    public void The_sample_responses_are_read()
    {
        StunMessage.TryParse(Ipv4Response, out var message).ShouldBeTrue();
        message.Class.ShouldBe(StunClass.Success);
        message.VerifyIntegrity(Key).ShouldBeTrue();
        message.TryGetMappedAddress(out var address).ShouldBeTrue();
        address.ShouldBe(IPEndPoint.Parse("192.0.2.1:32853"));

        StunMessage.TryParse(Ipv6Response, out message).ShouldBeTrue();
        message.VerifyIntegrity(Key).ShouldBeTrue();
        message.TryGetMappedAddress(out address).ShouldBeTrue();
        address.ShouldBe(IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
    }

    [Fact]
    public void Any_single_flipped_bit_is_noticed()
    {
        for (var bit = 0; bit < Request.Length * 8; bit++)
        {
            var forged = (byte[])Request.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            var accepted =
                StunMessage.TryParse(forged, out var message) && message.HasFingerprint && message.VerifyIntegrity(Key);
            accepted.ShouldBeFalse($"bit {bit}");
        }
    }
}
