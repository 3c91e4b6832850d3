namespace Calls.Media.Srtp;

/// <summary>Which of the latest indices were seen (RFC 3711 §3.3.2).</summary>
internal struct ReplayWindow
{
    private UInt128 _seen; // bit n: highest - n
    private ulong _highest;

    public readonly bool IsEmpty => _seen == 0;

    public readonly ulong Highest => _highest;

    /// <summary>Whether the index is new: not seen, and not so old that nobody knows.</summary>
    public readonly bool IsFresh(ulong index)
    {
        if (IsEmpty || index > _highest)
        {
            return true;
        }

        var age = _highest - index;
        return age < SrtpLimits.ReplayWindow && ((_seen >> (int)age) & 1) == 0;
    }

    /// <summary>Remembers an index that was fresh, once its packet is known to be authentic.</summary>
    public void Commit(ulong index)
    {
        if (IsEmpty || index > _highest)
        {
            var step = IsEmpty ? SrtpLimits.ReplayWindow : index - _highest;
            _seen = step >= SrtpLimits.ReplayWindow ? UInt128.One : (_seen << (int)step) | UInt128.One;
            _highest = index;
        }
        else
        {
            _seen |= UInt128.One << (int)(_highest - index);
        }
    }
}
