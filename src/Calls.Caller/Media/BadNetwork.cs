namespace Calls.Caller.Media;

/// <summary>Loses datagrams by chance, as a bad network does: whatever is in them.</summary>
internal sealed class BadNetwork
{
    private readonly uint _outgoing;
    private readonly uint _incoming;
    private uint _state;

    public BadNetwork(CallerOptions options)
    {
        _outgoing = Threshold(options.OutgoingLoss);
        _incoming = Threshold(options.IncomingLoss);
        Span<byte> seed = stackalloc byte[sizeof(uint)];
        options.Random(seed);
        _state = BitConverter.ToUInt32(seed) | 1;
    }

    public bool LosesOutgoing() => _outgoing > 0 && Next() < _outgoing;

    public bool LosesIncoming() => _incoming > 0 && Next() < _incoming;

    private static uint Threshold(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return (uint)(share * uint.MaxValue);
    }

    // Marsaglia's xorshift: good enough for losses, and nothing to allocate or lock.
    private uint Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return _state;
    }
}
