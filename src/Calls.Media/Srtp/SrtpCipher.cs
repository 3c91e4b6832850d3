using System.Buffers.Binary;

namespace Calls.Media.Srtp;

/// <summary>
/// The transform of one direction: what turns plain packets into protected ones and back, given the index. It holds keys and no
/// state of any stream, and may be used from several threads at once.
/// </summary>
/// <remarks>Opening leaves the packet as it was unless it is authentic. Lengths are checked by the callers.</remarks>
internal abstract class SrtpCipher
{
    /// <summary>The E bit of the word that holds the SRTCP index (RFC 3711 §3.4).</summary>
    public const uint EncryptedFlag = 0x8000_0000;

    /// <summary>Length of the word with E bit and index.</summary>
    public const int IndexLength = 4;

    /// <summary>The part of an RTCP packet that stays readable: first header word and SSRC.</summary>
    public const int RtcpHeaderLength = 8;

    public static SrtpCipher Create(SrtpKeys keys) =>
        keys.Profile.IsAead ? new GcmCipher(keys) : new CounterModeCipher(keys);

    /// <summary>Encrypts behind the header and appends the tag; the buffer reaches at least that far beyond <paramref name="length"/>.</summary>
    public abstract void SealRtp(Span<byte> buffer, int headerLength, int length, uint rollover);

    /// <summary>Checks the tag at the end, then decrypts behind the header.</summary>
    public abstract bool TryOpenRtp(Span<byte> packet, int headerLength, uint rollover);

    /// <summary>Encrypts behind the first eight bytes and appends index and tag, in the profile's order.</summary>
    public abstract void SealRtcp(Span<byte> buffer, int length, uint index);

    /// <summary>Checks the tag, then decrypts where the E bit says so.</summary>
    public abstract bool TryOpenRtcp(Span<byte> packet);

    /// <summary>The word with E bit and index of a protected packet.</summary>
    public abstract uint ReadIndexWord(ReadOnlySpan<byte> packet);

    protected static uint Ssrc(ReadOnlySpan<byte> packet, int offset) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[offset..]);

    protected static ushort Sequence(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
}
