namespace Calls.Media.Rtcp;

/// <summary>
/// What is known of one incoming stream: loss (RFC 3550 appendix A.3) and jitter (appendix A.8). The packets have passed SRTP's replay
/// protection, so that there are no duplicates, and no probation is needed (appendix A.1) to believe in the source.
/// </summary>
public struct ReceiverStats
{
    private readonly uint _clockRate;
    private long _first;
    private long _highest;
    private long _received;
    private long _expectedBefore;
    private long _receivedBefore;
    private uint _lastTransit;
    private uint _scaledJitter; // 16 times the jitter, so that the smoothing loses no fractions
    private uint _lastSenderReport;
    private TimeSpan _lastSenderReportAt;

    /// <summary>For a stream whose timestamps count this many units a second.</summary>
    public ReceiverStats(int clockRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, 1);
        _clockRate = (uint)clockRate;
    }

    /// <summary>Packets that came.</summary>
    public readonly long Received => _received;

    /// <summary>Packets that should have come, by their numbers.</summary>
    public readonly long Expected => _received == 0 ? 0 : _highest - _first + 1;

    /// <summary>Packets that did not come (yet).</summary>
    public readonly long Lost => Expected - _received;

    /// <summary>The share lost between the last two reports, 0 to 1. Null before the first report.</summary>
    public double? Loss { get; private set; }

    /// <summary>The interarrival jitter.</summary>
    public readonly TimeSpan Jitter => TimeSpan.FromSeconds((double)(_scaledJitter >> 4) / _clockRate);

    /// <summary>A packet came.</summary>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="now">Monotonic time; only differences count.</param>
    public void OnPacket(ushort sequence, uint timestamp, TimeSpan now)
    {
        var transit = ToUnits(now) - timestamp;
        if (_received++ == 0)
        {
            _first = _highest = sequence;
            _lastTransit = transit;
            return;
        }

        var extended = _highest + (short)(sequence - (ushort)_highest);
        _highest = Math.Max(_highest, extended);

        // Packets that overtook the very first one belong to the stream too.
        _first = Math.Min(_first, extended);

        var difference = (uint)Math.Abs((long)(int)(transit - _lastTransit));
        _lastTransit = transit;
        _scaledJitter += difference - ((_scaledJitter + 8) >> 4);
    }

    /// <summary>A sender report came; the next reports repeat its time, so that the sender sees the round trip.</summary>
    public void OnSenderReport(NtpTime ntp, TimeSpan now)
    {
        _lastSenderReport = ntp.Middle;
        _lastSenderReportAt = now;
    }

    /// <summary>The block for the next report; what is lost is counted anew from here.</summary>
    public ReportBlock MakeReport(uint ssrc, TimeSpan now)
    {
        var expected = Expected - _expectedBefore;
        var lost = expected - (_received - _receivedBefore);
        _expectedBefore = Expected;
        _receivedBefore = _received;
        var fraction = expected <= 0 || lost <= 0 ? 0 : Math.Min(255, (lost << 8) / expected);
        Loss = expected <= 0 || lost <= 0 ? 0 : (double)lost / expected;
        return new ReportBlock(
            ssrc,
            (byte)fraction,
            (int)Math.Clamp(Lost, int.MinValue, int.MaxValue),
            (uint)_highest,
            _scaledJitter >> 4,
            _lastSenderReport,
            _lastSenderReport == 0 ? 0 : NtpTime.ToMiddleUnits(now - _lastSenderReportAt)
        );
    }

    private readonly uint ToUnits(TimeSpan time) =>
        (uint)(ulong)((Int128)time.Ticks * _clockRate / TimeSpan.TicksPerSecond);
}
