using System.Buffers.Binary;
using System.Net;
using System.Text;
using Calls.Media.Stun;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Stun;

public class StunMessageTests
{
    private static readonly StunKey Key = new("a password of twenty-two");
    private static readonly byte[] TransactionId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    private static readonly StunCheck Check = new("server:client", 0x6E00_01FF, true, 0x0102_0304_0506_0708, true);

    private readonly byte[] _buffer = new byte[StunMessage.MaxLength];

    [Fact]
    public void A_check_says_what_was_put_into_it()
    {
        var length = StunWriter.WriteCheck(_buffer, TransactionId, Check, Key);
        StunMessage.TryParse(_buffer.AsSpan(0, length), out var message).ShouldBeTrue();
        message.Class.ShouldBe(StunClass.Request);
        message.TransactionId.SequenceEqual(TransactionId).ShouldBeTrue();
        Encoding.ASCII.GetString(message.Username).ShouldBe("server:client");
        message.Priority.ShouldBe(Check.Priority);
        message.IceControlling.ShouldBe(Check.TieBreaker);
        message.IceControlled.ShouldBeNull();
        message.UseCandidate.ShouldBeTrue();
        message.HasFingerprint.ShouldBeTrue();
        message.VerifyIntegrity(Key).ShouldBeTrue();
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("203.0.113.255:65535")]
    [InlineData("[2001:db8::1]:7882")]
    public void A_success_tells_where_the_request_came_from(string address)
    {
        var endPoint = IPEndPoint.Parse(address);
        var length = StunWriter.WriteSuccess(_buffer, TransactionId, endPoint, Key);
        StunMessage.TryParse(_buffer.AsSpan(0, length), out var message).ShouldBeTrue();
        message.Class.ShouldBe(StunClass.Success);
        message.VerifyIntegrity(Key).ShouldBeTrue();
        message.TryGetMappedAddress(out var mapped).ShouldBeTrue();
        mapped.ShouldBe(endPoint);
    }

    [Fact]
    public void An_IPv4_address_seen_by_a_dual_stack_socket_is_told_as_IPv4()
    {
        var dual = new IPEndPoint(IPAddress.Parse("192.0.2.7").MapToIPv6(), 5000);
        var length = StunWriter.WriteSuccess(_buffer, TransactionId, dual, Key);
        StunMessage.TryParse(_buffer.AsSpan(0, length), out var message).ShouldBeTrue();
        message.TryGetMappedAddress(out var mapped).ShouldBeTrue();
        mapped.ShouldBe(IPEndPoint.Parse("192.0.2.7:5000"));
    }

    [Theory]
    [InlineData(StunError.BadRequest, true)]
    [InlineData(StunError.Unauthenticated, false)]
    [InlineData(StunError.RoleConflict, true)]
    public void An_error_tells_its_number(int code, bool signed)
    {
        var length = StunWriter.WriteError(_buffer, TransactionId, code, signed ? Key : null);
        StunMessage.TryParse(_buffer.AsSpan(0, length), out var message).ShouldBeTrue();
        message.Class.ShouldBe(StunClass.Error);
        message.ErrorCode.ShouldBe(code);
        message.VerifyIntegrity(Key).ShouldBe(signed);
    }

    [Fact]
    public void Attributes_that_must_be_understood_and_are_not_are_named_in_the_refusal()
    {
        byte[] request = [.. Header(0x0001), 0x7F, 0x01, 0, 1, 9, 0, 0, 0, 0x00, 0x7F, 0, 0, 0x80, 0x99, 0, 0];
        FixLength(request);
        StunMessage.TryParse(request, out var message).ShouldBeTrue();
        message.Unknown.Count.ShouldBe(2);
        message.Unknown[0].ShouldBe((ushort)0x7F01);
        message.Unknown[1].ShouldBe((ushort)0x007F);

        var length = StunWriter.WriteError(
            _buffer,
            TransactionId,
            StunError.UnknownAttribute,
            unknown: message.Unknown
        );
        var response = _buffer.AsSpan(0, length);
        StunMessage.TryParse(response, out var refusal).ShouldBeTrue();
        refusal.ErrorCode.ShouldBe(420);
        response.IndexOf((ReadOnlySpan<byte>)[0, 0x0A, 0, 4, 0x7F, 0x01, 0x00, 0x7F]).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_stands_behind_the_integrity_is_not_believed()
    {
        var length = StunWriter.WriteCheck(_buffer, TransactionId, Check with { UseCandidate = false }, Key);
        const int fingerprintLength = 8;
        byte[] forged = [.. _buffer[..(length - fingerprintLength)], 0x00, 0x25, 0, 0];
        FixLength(forged);
        StunMessage.TryParse(forged, out var message).ShouldBeTrue();
        message.VerifyIntegrity(Key).ShouldBeTrue();
        message.UseCandidate.ShouldBeFalse();
    }

    [Fact]
    public void An_attribute_that_reaches_beyond_the_message_makes_it_none()
    {
        byte[] message = [.. Header(0x0001), 0x00, 0x06, 0, 9, 1, 2, 3, 4];
        FixLength(message);
        StunMessage.TryParse(message, out _).ShouldBeFalse();
    }

    [Fact]
    public void Random_bytes_behind_a_good_header_never_throw() =>
        Prop.ForAll(
                Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().ToArbitrary(),
                body =>
                {
                    byte[] message = [.. Header(0x0001), .. body];
                    FixLength(message);
                    if (StunMessage.TryParse(message, out var parsed))
                    {
                        _ = parsed.ErrorCode + parsed.Username.Length + parsed.Unknown.Count;
                        _ = (parsed.Priority, parsed.IceControlled, parsed.IceControlling, parsed.HasIntegrity);
                        _ = parsed.TryGetMappedAddress(out _);
                        return !parsed.VerifyIntegrity(Key);
                    }

                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Attributes_of_random_kinds_and_lengths_never_throw()
    {
        var attribute =
            from type in Gen.Elements<ushort>(1, 6, 8, 9, 10, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802A, 0x7777)
            from value in Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf()
            from claimed in Gen.Frequency((5, Gen.Constant(value.Length)), (1, Gen.Choose(0, 40)))
            select (byte[])
                [
                    (byte)(type >> 8),
                    (byte)type,
                    (byte)(claimed >> 8),
                    (byte)claimed,
                    .. value,
                    .. new byte[-value.Length & 3],
                ];
        Prop.ForAll(
                attribute.ArrayOf().ToArbitrary(),
                attributes =>
                {
                    byte[] message = [.. Header(0x0101), .. attributes.SelectMany(a => a)];
                    FixLength(message);
                    return !StunMessage.TryParse(message, out var parsed)
                        || (!parsed.VerifyIntegrity(Key) && parsed.ErrorCode >= 0 && parsed.Username.Length < 509);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(30));
    }

    private static byte[] Header(ushort type) =>
        [(byte)(type >> 8), (byte)type, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. TransactionId];

    private static void FixLength(byte[] message) =>
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(message.Length - StunMessage.HeaderLength));
}
