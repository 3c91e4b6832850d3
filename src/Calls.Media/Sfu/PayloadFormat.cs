namespace Calls.Media.Sfu;

/// <summary>What a payload is, whatever number either side gives it. Forwarding goes by this alone; further codecs are further values.</summary>
internal enum PayloadFormat : byte
{
    /// <summary>RFC 7587, with forward error correction inside or not.</summary>
    Opus,

    /// <summary>Opus with earlier frames repeated beside the present one (RFC 2198).</summary>
    Red,
}
