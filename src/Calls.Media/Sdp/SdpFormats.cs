namespace Calls.Media.Sdp;

/// <summary>What the offers' numbers mean: payload types and header-extension ids.</summary>
internal static class SdpFormats
{
    /// <summary>The payload type that Chromium gives Opus too, so that most answers repeat it.</summary>
    public const byte Opus = 111;

    public const string OpusName = "opus";
    public const int OpusClock = 48_000;

    /// <summary>Opus with redundancy (RFC 2198), by Chromium's number too. It comes second: who prefers it has to say so.</summary>
    public const byte Red = 63;

    public const string RedName = "red";

    /// <summary>The ways of feedback that are offered (RFC 4585 section 4.2).</summary>
    public const string Nack = "nack";

    /// <inheritdoc cref="Nack"/>
    public const string TransportFeedback = "transport-cc";

    public const byte AudioLevel = 1;
    public const byte Mid = 2;
    public const byte Transport = 3;

    public const string TransportUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    public const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

    /// <summary>The names that offers have and answers repeat.</summary>
    public static readonly string[] Offered =
    [
        OpusName,
        RedName,
        Nack,
        TransportFeedback,
        MidUri,
        TransportUri,
        Rtp.AudioLevel.Uri,
    ];
}
