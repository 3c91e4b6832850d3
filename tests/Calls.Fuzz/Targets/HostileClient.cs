using Calls.Media.Rtp;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Media.Tests.Sfu;

/// <summary>What it takes to send anything at all under a session's own keys.</summary>
internal sealed partial class TestClient
{
    private readonly Dictionary<uint, SrtpStream> _otherStreams = [];

    /// <summary>With which the server's sessions know its checks.</summary>
    public StunKey Key => _serverKey!;

    /// <summary>Protects a packet, whatever stands in it; null for one that cannot be protected.</summary>
    public byte[]? Seal(byte[] plain, bool isRtcp)
    {
        var canBe = isRtcp ? plain.Length >= 8 : RtpHeader.TryMeasure(plain, out _);
        if (_sender is not { } sender || !canBe)
        {
            return null;
        }
        var buffer = new byte[plain.Length + 32];
        plain.CopyTo(buffer, 0);
        if (isRtcp)
        {
            return buffer[..sender.ProtectRtcp(buffer, plain.Length)];
        }
        var ssrc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(8));
        var sequence = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(2));
        var stream = ssrc == Ssrc ? _stream : _otherStreams.GetValueOrDefault(ssrc);
        if (stream.Started && PacketIndex.Estimate(stream.Highest, sequence) < 0)
        {
            return null; // before the stream's beginning: no sender can number it so
        }
        var length = sender.Protect(ref stream, buffer, plain.Length);
        if (ssrc == Ssrc)
        {
            _stream = stream;
        }
        else if (_otherStreams.Count < 1_000)
        {
            _otherStreams[ssrc] = stream;
        }
        return buffer[..length];
    }

    /// <summary>Numbers a packet as the next of its voice.</summary>
    public void NumberAsNext(Span<byte> packet)
    {
        RtpHeader.SetSequenceNumber(packet, _sequence++);
        RtpHeader.SetTimestamp(packet, _timestamp);
        RtpHeader.SetSsrc(packet, Ssrc);
        _timestamp += 960;
    }

    /// <summary>Lets go of all that it remembers for tests to look at.</summary>
    public void ForgetAll()
    {
        Heard.Clear();
        Datagrams.Clear();
        _sent.Clear();
        Arrivals.Clear();
        FeedbackAt.Clear();
        Asked.Clear();
        ReducedSizes.Clear();
        SenderReports.Clear();
        ReportsAt.Clear();
        Refusals.Clear();
        Reports.Clear();
        Byes.Clear();
        ExtendedReports.Clear();
        CompoundsAt.Clear();
    }
}
