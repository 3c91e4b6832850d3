namespace Calls.Media.Rtcp;

/// <summary>
/// When the next compound is due (RFC 3550 section 6.3.1): after a random part of an interval that keeps RTCP within 5 % of the
/// session's bandwidth. Reconsideration (section 6.3.3) is left out, and with it the division by e − 3/2 that makes up for it: a session
/// has two ends for all its life, so there is nothing to reconsider.
/// </summary>
public struct RtcpInterval
{
    /// <summary>The least mean interval. RFC 3550's 5 s are for hundreds of participants; the profile with feedback leaves it to the bandwidth (RFC 4585 section 3.4), and once a second makes figures that a person can follow.</summary>
    public static readonly TimeSpan Minimum = TimeSpan.FromSeconds(1);

    private const double Share = 0.05; // of the session's bandwidth, as RFC 3550 section 6.2 recommends
    private const int Ends = 2; // the service and the client, each with one compound for all its SSRCs (RFC 8108 section 5.3)
    private const int LowerLayers = 28; // bytes of UDP and IPv4, which the average counts too (RFC 3550 section 6.2)

    private double _averageSize;
    private bool _hasSent;

    /// <summary>The mean size of compounds either way, in bytes with what UDP and IP add.</summary>
    public readonly double AverageSize => _averageSize;

    /// <summary>A compound was sent or received.</summary>
    /// <param name="length">Its bytes as they went over the network, without UDP and IP.</param>
    /// <param name="isOurs">Whether it was sent.</param>
    public void OnCompound(int length, bool isOurs)
    {
        var size = length + LowerLayers;
        _averageSize = _averageSize == 0 ? size : _averageSize + ((size - _averageSize) / 16);
        _hasSent |= isOurs;
    }

    /// <summary>How long to wait until the next one.</summary>
    /// <param name="bandwidth">Of the session, in bytes a second, all streams together.</param>
    /// <param name="chance">Uniform, 0 to 1.</param>
    public readonly TimeSpan Next(double bandwidth, double chance)
    {
        // The first one comes after half the time, so that a newcomer is known soon.
        var least = Minimum.TotalSeconds / (_hasSent ? 1 : 2);
        var mean = Math.Max(least, Ends * _averageSize / (Share * bandwidth));
        return TimeSpan.FromSeconds(mean * (0.5 + chance));
    }
}
