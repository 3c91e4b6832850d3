using System.Net;
using Calls.Media.Dtls;

namespace Calls.Caller.Sdp;

/// <summary>Which way media flows, seen from the server.</summary>
internal enum OfferedDirection
{
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

/// <summary>One m-line of an offer.</summary>
internal sealed record OfferedLine
{
    public required string Kind { get; init; }

    /// <summary>The rest of the m-line behind the port, for an answer that refuses it.</summary>
    public required string Formats { get; init; }

    public string Mid { get; set; } = "";

    public OfferedDirection Direction { get; set; } = OfferedDirection.SendRecv;

    /// <summary>The payload type of Opus.</summary>
    public byte OpusPayloadType { get; set; }

    public bool HasOpus { get; set; }

    /// <summary>The payload type of redundancy (RFC 2198), if offered.</summary>
    public byte? RedPayloadType { get; set; }

    /// <summary>Whether packets can be asked for again (RFC 4585 §4.2).</summary>
    public bool HasNack { get; set; }

    /// <summary>The id of the audio level's extension, if offered.</summary>
    public int? AudioLevelId { get; set; }

    /// <summary>The id of the MID's extension, if offered.</summary>
    public int? MidId { get; set; }

    /// <summary>The first SSRC that the server names; 0 if none.</summary>
    public uint Ssrc { get; set; }

    /// <summary>Whether a caller of sound takes part in it.</summary>
    public bool IsTaken => Kind == "audio" && HasOpus;
}

/// <summary>What a caller needs of the server's offer (RFC 8829, RFC 8839, RFC 8842).</summary>
internal sealed record SessionOffer
{
    public required string Ufrag { get; init; }

    public required string Password { get; init; }

    public required DtlsFingerprint Fingerprint { get; init; }

    /// <summary>UDP candidates, the preferred one first.</summary>
    public required IReadOnlyList<IPEndPoint> Candidates { get; init; }

    public required IReadOnlyList<OfferedLine> Lines { get; init; }
}
