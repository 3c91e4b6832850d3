using System.Buffers.Binary;
using Calls.Media.Rtp;

namespace Calls.Media.Srtp;

/// <summary>Takes the protection off what one peer sends: RTP and RTCP of all its SSRCs. One thread at a time.</summary>
public sealed class SrtpReceiver
{
    private readonly SrtpProfile _profile;
    private readonly SrtpCipher _cipher;
    private readonly SourceTable _rtp = new();
    private readonly SourceTable _rtcp = new();

    /// <summary>A receiver for the peer's keys.</summary>
    public SrtpReceiver(SrtpKeys keys)
    {
        _profile = keys.Profile;
        _cipher = SrtpCipher.Create(keys);
    }

    /// <summary>How many SSRCs were heard of in authentic RTP packets.</summary>
    public int SourceCount => _rtp.Count;

    /// <summary>Checks and decrypts an RTP packet in place. False, and the packet as it was, when it is forged, ill-formed, a replay, too old, or of one SSRC too many.</summary>
    /// <param name="packet">The protected packet.</param>
    /// <param name="plainLength">The length of the plain one.</param>
    public bool TryUnprotect(Span<byte> packet, out int plainLength)
    {
        plainLength = packet.Length - _profile.TagLength;
        if (
            packet.Length > SrtpLimits.MaxPacketLength
            || plainLength < RtpPacket.FixedHeaderLength
            || !RtpHeader.TryMeasure(packet[..plainLength], out var headerLength)
        )
        {
            return false;
        }

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        ref var window = ref _rtp.Find(ssrc, out var known);
        if (!known)
        {
            return TryBegin(packet, headerLength, ssrc, sequence);
        }

        var index = PacketIndex.Estimate(window.Highest, sequence);
        if (
            index < 0
            || !window.IsFresh((ulong)index)
            || !_cipher.TryOpenRtp(packet, headerLength, PacketIndex.Rollover(index))
        )
        {
            return false;
        }

        window.Commit((ulong)index);
        return true;
    }

    // The first packet of an SSRC. A stream that began shortly before 65,536 may already have rolled over when its first packet
    // arrives here, the earlier ones being lost or late: a low number is also tried with a roll-over counter of 1.
    private bool TryBegin(Span<byte> packet, int headerLength, uint ssrc, ushort sequence)
    {
        if (_rtp.IsFull)
        {
            return false;
        }

        if (_cipher.TryOpenRtp(packet, headerLength, 0))
        {
            _rtp.Add(ssrc).Commit(sequence);
            return true;
        }

        if (sequence < 0x8000 && _cipher.TryOpenRtp(packet, headerLength, 1))
        {
            _rtp.Add(ssrc).Commit(0x1_0000UL + sequence);
            return true;
        }

        return false;
    }

    /// <summary>Checks and decrypts an RTCP packet in place, with the same refusals. A packet that says it is not encrypted is taken if it is authentic.</summary>
    /// <param name="packet">The protected packet.</param>
    /// <param name="plainLength">The length of the plain one.</param>
    public bool TryUnprotectRtcp(Span<byte> packet, out int plainLength)
    {
        plainLength = packet.Length - _profile.RtcpOverhead;
        if (
            packet.Length > SrtpLimits.MaxRtcpLength
            || plainLength < SrtpCipher.RtcpHeaderLength
            || packet[0] >> 6 != 2
        )
        {
            return false;
        }

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        ulong index = _cipher.ReadIndexWord(packet) & ~SrtpCipher.EncryptedFlag;
        ref var window = ref _rtcp.Find(ssrc, out var known);
        if (known ? !window.IsFresh(index) : _rtcp.IsFull)
        {
            return false;
        }

        if (!_cipher.TryOpenRtcp(packet))
        {
            return false;
        }

        if (known)
        {
            window.Commit(index);
        }
        else
        {
            _rtcp.Add(ssrc).Commit(index);
        }

        return true;
    }
}
