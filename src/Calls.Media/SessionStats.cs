namespace Calls.Media;

/// <summary>How one session does. What is not known yet is null.</summary>
/// <param name="ReceivedPackets">RTP packets from the client that were authentic.</param>
/// <param name="SentPackets">RTP packets that were forwarded to the client.</param>
/// <param name="Loss">The share of the client's packets that did not arrive here, 0 to 1.</param>
/// <param name="JitterMs">Of the client's packets, as RFC 3550 section 6.4.1 reckons it.</param>
/// <param name="RoundTripMs">Between the server and the client.</param>
/// <param name="AudioLevel">How loud the client is now, 0 (silence, or nothing comes) to 1.</param>
public sealed record SessionStats(
    long ReceivedPackets,
    long SentPackets,
    double? Loss,
    double? JitterMs,
    double? RoundTripMs,
    double? AudioLevel
);

/// <summary>What a server has done since its start.</summary>
/// <param name="ReceivedDatagrams">All that came.</param>
/// <param name="SentDatagrams">All that went.</param>
/// <param name="SendFailures">Those that the network would not take.</param>
/// <param name="FailedHandshakes">DTLS handshakes that came to nothing.</param>
public sealed record MediaTotals(long ReceivedDatagrams, long SentDatagrams, long SendFailures, long FailedHandshakes);
