namespace Calls.Media.Sdp;

/// <summary>What the offers' numbers mean: payload types and header-extension ids.</summary>
internal static class SdpFormats
{
    /// <summary>The payload type that Chromium gives Opus too, so that most answers repeat it.</summary>
    public const byte Opus = 111;

    public const string OpusName = "opus";
    public const int OpusClock = 48_000;

    public const byte AudioLevel = 1;
    public const byte Mid = 2;

    public const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
}
