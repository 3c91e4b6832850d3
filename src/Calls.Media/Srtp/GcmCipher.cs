using System.Buffers.Binary;

namespace Calls.Media.Srtp;

/// <summary>AES-GCM (RFC 7714): header as associated data, 16-byte tag behind the payload; in RTCP the index word follows the tag.</summary>
internal sealed class GcmCipher : SrtpCipher
{
    private const int TagLength = 16;

    private readonly GcmKey _rtp;
    private readonly GcmKey _rtcp;
    private readonly Nonce _rtpSalt;
    private readonly Nonce _rtcpSalt;

    public GcmCipher(SrtpKeys keys)
        : this(
            KeyDerivation.Derive(keys, KeyDerivation.RtpEncryption, keys.Profile.KeyLength),
            KeyDerivation.Derive(keys, KeyDerivation.RtpSalt, Nonce.Length),
            KeyDerivation.Derive(keys, KeyDerivation.RtcpEncryption, keys.Profile.KeyLength),
            KeyDerivation.Derive(keys, KeyDerivation.RtcpSalt, Nonce.Length)
        ) { }

    /// <summary>From session keys, as the RFC's examples give them.</summary>
    internal GcmCipher(byte[] rtpKey, byte[] rtpSalt, byte[] rtcpKey, byte[] rtcpSalt)
    {
        _rtp = GcmKey.Create(rtpKey);
        _rtcp = GcmKey.Create(rtcpKey);
        _rtpSalt = Nonce.Read(rtpSalt);
        _rtcpSalt = Nonce.Read(rtcpSalt);
    }

    public override void SealRtp(Span<byte> buffer, int headerLength, int length, uint rollover)
    {
        var nonce = RtpNonce(_rtpSalt, buffer, rollover);
        _rtp.Seal(nonce, buffer[..headerLength], buffer[headerLength..length], buffer.Slice(length, TagLength));
    }

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, uint rollover)
    {
        var nonce = RtpNonce(_rtpSalt, packet, rollover);
        return _rtp.TryOpen(nonce, packet[..headerLength], packet[headerLength..^TagLength], packet[^TagLength..]);
    }

    public override void SealRtcp(Span<byte> buffer, int length, uint index)
    {
        var nonce = RtcpNonce(_rtcpSalt, buffer, index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + IndexLength];
        buffer[..RtcpHeaderLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], index | EncryptedFlag);
        _rtcp.Seal(nonce, associated, buffer[RtcpHeaderLength..length], buffer.Slice(length, TagLength));
        associated[RtcpHeaderLength..].CopyTo(buffer[(length + TagLength)..]);
    }

    public override bool TryOpenRtcp(Span<byte> packet)
    {
        var word = ReadIndexWord(packet);
        var nonce = RtcpNonce(_rtcpSalt, packet, word & ~EncryptedFlag);
        var tag = packet[^(TagLength + IndexLength)..^IndexLength];
        var plainLength = packet.Length - TagLength - IndexLength;
        var encrypted = (word & EncryptedFlag) != 0;

        // Associated data is what is not encrypted, then the index word (RFC 7714 §9.2, §9.3).
        var clearLength = encrypted ? RtcpHeaderLength : plainLength;
        Span<byte> associated = stackalloc byte[SrtpLimits.MaxRtcpLength];
        packet[..clearLength].CopyTo(associated);
        packet[^IndexLength..].CopyTo(associated[clearLength..]);
        return _rtcp.TryOpen(nonce, associated[..(clearLength + IndexLength)], packet[clearLength..plainLength], tag);
    }

    public override uint ReadIndexWord(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[^IndexLength..]);

    // RFC 7714 §8.1: two zero bytes, SSRC, roll-over counter, sequence number; mixed with the salt.
    private static Nonce RtpNonce(Nonce salt, ReadOnlySpan<byte> packet, uint rollover)
    {
        var head = ((ulong)Ssrc(packet, 8) << 16) | (rollover >> 16);
        return new Nonce(salt.Head ^ head, salt.Tail ^ ((rollover << 16) | Sequence(packet)));
    }

    // RFC 7714 §9.1: two zero bytes, SSRC, two zero bytes, a zero bit and the index; mixed with the salt.
    private static Nonce RtcpNonce(Nonce salt, ReadOnlySpan<byte> packet, uint index) =>
        new(salt.Head ^ ((ulong)Ssrc(packet, 4) << 16), salt.Tail ^ index);
}
