namespace Calls.Media.Sfu;

/// <summary>How a payload carries the line's codec, whatever number either side gives it. Forwarding goes by this alone, and knows no codec.</summary>
internal enum PayloadFormat : byte
{
    /// <summary>By itself: one packet of Opus (RFC 7587), with forward error correction inside or not.</summary>
    Plain,

    /// <summary>With earlier frames repeated beside the present one (RFC 2198).</summary>
    Red,
}
