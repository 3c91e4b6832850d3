namespace Calls.Media.Rtcp;

/// <summary>What is told of one outgoing stream in sender reports (RFC 3550 §6.4.1).</summary>
public struct SenderStats
{
    private readonly uint _clockRate;
    private uint _lastTimestamp;
    private TimeSpan _lastSentAt;

    /// <summary>For a stream whose timestamps count this many units a second.</summary>
    public SenderStats(int clockRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, 1);
        _clockRate = (uint)clockRate;
    }

    /// <summary>Packets sent.</summary>
    public uint Packets { get; private set; }

    /// <summary>Payload bytes sent.</summary>
    public uint Octets { get; private set; }

    /// <summary>A packet was sent.</summary>
    public void OnPacket(uint timestamp, int payloadLength, TimeSpan now)
    {
        Packets++;
        Octets += (uint)payloadLength;
        _lastTimestamp = timestamp;
        _lastSentAt = now;
    }

    /// <summary>The report for this moment; the stream's clock is thought on from the last packet.</summary>
    public readonly SenderReport MakeReport(uint ssrc, NtpTime ntp, TimeSpan now)
    {
        var units = (Int128)(now - _lastSentAt).Ticks * _clockRate / TimeSpan.TicksPerSecond;
        return new SenderReport(ssrc, ntp, _lastTimestamp + (uint)(ulong)units, Packets, Octets);
    }
}
