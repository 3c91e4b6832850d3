using System.Buffers.Binary;
using Calls.Media.Wire;

namespace Calls.Media.Srtp;

/// <summary>AES in counter mode with HMAC-SHA1, tags cut to 80 bits (RFC 3711 §4.1.1, §4.2.1).</summary>
internal sealed class CounterModeCipher : SrtpCipher
{
    private const int TagLength = 10;
    private const int SaltLength = 14;
    private const int AuthenticationKeyLength = 20;

    private readonly CounterKey _rtp;
    private readonly CounterKey _rtcp;
    private readonly CounterBlock _rtpSalt;
    private readonly CounterBlock _rtcpSalt;
    private readonly HmacSha1Key _rtpAuthentication;
    private readonly HmacSha1Key _rtcpAuthentication;

    public CounterModeCipher(SrtpKeys keys)
    {
        var keyLength = keys.Profile.KeyLength;
        _rtp = CounterKey.Create(KeyDerivation.Derive(keys, KeyDerivation.RtpEncryption, keyLength));
        _rtcp = CounterKey.Create(KeyDerivation.Derive(keys, KeyDerivation.RtcpEncryption, keyLength));
        _rtpSalt = ReadSalt(keys, KeyDerivation.RtpSalt);
        _rtcpSalt = ReadSalt(keys, KeyDerivation.RtcpSalt);
        _rtpAuthentication = new HmacSha1Key(
            KeyDerivation.Derive(keys, KeyDerivation.RtpAuthentication, AuthenticationKeyLength)
        );
        _rtcpAuthentication = new HmacSha1Key(
            KeyDerivation.Derive(keys, KeyDerivation.RtcpAuthentication, AuthenticationKeyLength)
        );
    }

    public override void SealRtp(Span<byte> buffer, int headerLength, int length, uint rollover)
    {
        ApplyRtp(buffer[..length], headerLength, rollover);

        // The roll-over counter is authenticated as if it followed the packet (§4.2); the tag then takes its place.
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], rollover);
        _rtpAuthentication.Compute(buffer[..(length + 4)], buffer.Slice(length, TagLength));
    }

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, uint rollover)
    {
        var length = packet.Length - TagLength;
        Span<byte> tag = stackalloc byte[TagLength];
        packet[length..].CopyTo(tag);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], rollover);
        var authentic = _rtpAuthentication.Verify(packet[..(length + 4)], tag);
        tag.CopyTo(packet[length..]);
        if (authentic)
        {
            ApplyRtp(packet[..length], headerLength, rollover);
        }

        return authentic;
    }

    public override void SealRtcp(Span<byte> buffer, int length, uint index)
    {
        ApplyRtcp(buffer[..length], index);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], index | EncryptedFlag);
        _rtcpAuthentication.Compute(buffer[..(length + IndexLength)], buffer.Slice(length + IndexLength, TagLength));
    }

    public override bool TryOpenRtcp(Span<byte> packet)
    {
        if (!_rtcpAuthentication.Verify(packet[..^TagLength], packet[^TagLength..]))
        {
            return false;
        }

        var word = ReadIndexWord(packet);
        if ((word & EncryptedFlag) != 0)
        {
            ApplyRtcp(packet[..^(TagLength + IndexLength)], word & ~EncryptedFlag);
        }

        return true;
    }

    public override uint ReadIndexWord(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[^(TagLength + IndexLength)..]);

    // IV = salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16 (§4.1.1).
    private void ApplyRtp(Span<byte> packet, int headerLength, uint rollover) =>
        _rtp.Apply(
            Block(_rtpSalt, Ssrc(packet, 8), ((ulong)rollover << 16) | Sequence(packet)),
            packet[headerLength..]
        );

    private void ApplyRtcp(Span<byte> packet, uint index) =>
        _rtcp.Apply(Block(_rtcpSalt, Ssrc(packet, 4), index), packet[RtcpHeaderLength..]);

    private static CounterBlock Block(CounterBlock salt, uint ssrc, ulong index) =>
        new(salt.Head ^ ssrc, salt.Tail ^ (index << 16));

    private static CounterBlock ReadSalt(SrtpKeys keys, byte label)
    {
        Span<byte> salt = stackalloc byte[CounterBlock.Length];
        salt.Clear();
        KeyDerivation.Derive(keys, label, SaltLength).CopyTo(salt);
        return CounterBlock.Read(salt);
    }
}
