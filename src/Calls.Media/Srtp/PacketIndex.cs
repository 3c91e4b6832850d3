namespace Calls.Media.Srtp;

/// <summary>The 48-bit packet index: roll-over counter and sequence number (RFC 3711 §3.3.1).</summary>
internal static class PacketIndex
{
    /// <summary>The index nearest to the highest one known that ends in this sequence number (the estimate of appendix A). Negative before the stream's beginning.</summary>
    public static long Estimate(ulong highest, ushort sequence) => (long)highest + (short)(sequence - (ushort)highest);

    public static uint Rollover(long index) => (uint)(index >> 16);
}
