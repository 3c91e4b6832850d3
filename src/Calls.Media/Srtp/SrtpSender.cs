using System.Buffers.Binary;
using Calls.Media.Rtp;

namespace Calls.Media.Srtp;

/// <summary>How far one outgoing SSRC has come. Held by whoever sends the stream: in an SFU one per (receiver, source), on the source's thread.</summary>
public struct SrtpStream
{
    internal ulong Highest;
    internal bool Started;

    /// <summary>The roll-over counter of the newest packet.</summary>
    public readonly uint Rollover => (uint)(Highest >> 16);
}

/// <summary>
/// Protects what goes to one peer. The sender holds only keys and may be used from several threads at once, each with its own
/// <see cref="SrtpStream"/>s.
/// </summary>
public sealed class SrtpSender
{
    private readonly SrtpProfile _profile;
    private readonly SrtpCipher _cipher;
    private int _rtcpIndex;

    /// <summary>A sender with our keys towards that peer.</summary>
    public SrtpSender(SrtpKeys keys)
    {
        _profile = keys.Profile;
        _cipher = SrtpCipher.Create(keys);
    }

    /// <summary>How much longer an RTP packet becomes, in bytes.</summary>
    public int Overhead => _profile.TagLength;

    /// <summary>How much longer an RTCP packet becomes, in bytes.</summary>
    public int RtcpOverhead => _profile.RtcpOverhead;

    /// <summary>
    /// Encrypts and authenticates an RTP packet in place and returns its new length. Every SSRC has one stream for the life of the
    /// sender. The same sequence number may be sent twice only with the same bytes: otherwise AES-GCM would give away its key.
    /// </summary>
    /// <param name="stream">The state of the packet's SSRC.</param>
    /// <param name="buffer">Begins with the packet and has room for <see cref="Overhead"/> more bytes.</param>
    /// <param name="length">The plain packet's length.</param>
    public int Protect(ref SrtpStream stream, Span<byte> buffer, int length)
    {
        if (!RtpHeader.TryMeasure(buffer[..length], out var headerLength))
        {
            throw new ArgumentException("Not an RTP packet.", nameof(buffer));
        }

        return Protect(ref stream, buffer, headerLength, length);
    }

    /// <summary>The same, for a caller that knows the header's length already.</summary>
    public int Protect(ref SrtpStream stream, Span<byte> buffer, int headerLength, int length)
    {
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        long index = sequence;
        if (stream.Started)
        {
            index = PacketIndex.Estimate(stream.Highest, sequence);
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(buffer));
        }

        if (!stream.Started || (ulong)index > stream.Highest)
        {
            stream.Highest = (ulong)index;
            stream.Started = true;
        }

        _cipher.SealRtp(buffer, headerLength, length, PacketIndex.Rollover(index));
        return length + _profile.TagLength;
    }

    /// <summary>Encrypts and authenticates an RTCP packet in place and returns its new length.</summary>
    /// <param name="buffer">Begins with the packet and has room for <see cref="RtcpOverhead"/> more bytes.</param>
    /// <param name="length">The plain packet's length, at least 8.</param>
    public int ProtectRtcp(Span<byte> buffer, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, SrtpCipher.RtcpHeaderLength);

        // One counter for all SSRCs of this sender: an index is never used twice, whichever thread takes it (RFC 3711 §3.4).
        var index = Interlocked.Increment(ref _rtcpIndex);
        if (index < 0)
        {
            throw new InvalidOperationException("The SRTCP index is used up; the keys must be renewed.");
        }

        _cipher.SealRtcp(buffer, length, (uint)index);
        return length + _profile.RtcpOverhead;
    }
}
