using System.Net;
using Calls.Media.Dtls;

namespace Calls.Media.Sdp;

/// <summary>Which way media flows, seen from whoever wrote the description (RFC 8866 section 6.7).</summary>
public enum SdpDirection
{
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

/// <summary>What a source is; the text of it is what the wire and <see cref="MediaTrack"/> say.</summary>
public enum MediaSource
{
    Microphone,
    Camera,
    Screen,
}

/// <summary>One session's offer as a value; <see cref="SdpWriter"/> makes the text of it.</summary>
public sealed record SdpOffer
{
    /// <summary>The number in the <c>o=</c> line: the same in all offers of a session, below 2^63.</summary>
    public required ulong Origin { get; init; }

    /// <summary>Counts up with each offer.</summary>
    public required int Revision { get; init; }

    /// <summary>The server's side of ICE.</summary>
    public required string Ufrag { get; init; }

    /// <inheritdoc cref="Ufrag"/>
    public required string Password { get; init; }

    /// <summary>The server's certificate.</summary>
    public required DtlsFingerprint Fingerprint { get; init; }

    /// <summary>Where the server is reached, a host candidate each for UDP and for TCP.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>The port at all of them, the same for UDP and TCP.</summary>
    public required int Port { get; init; }

    /// <summary>The m-lines in their order.</summary>
    public required IReadOnlyList<SdpOfferLine> Lines { get; init; }
}

/// <summary>One m-line of an offer.</summary>
/// <param name="Mid">The <c>a=mid</c>.</param>
/// <param name="Direction">From the server's side.</param>
/// <param name="Stream">Who is heard: the user, who also makes the <c>cname</c>; null on lines without a source.</param>
/// <param name="Ssrc">The outgoing SSRC, with a <paramref name="Stream"/>.</param>
/// <param name="Source">What it is.</param>
public sealed record SdpOfferLine(string Mid, SdpDirection Direction, string? Stream, uint Ssrc, MediaSource Source);
