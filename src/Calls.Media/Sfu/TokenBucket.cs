using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>So many things a second, and some more at once.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TokenBucket
{
    private readonly double _perSecond;
    private readonly double _burst;
    private double _tokens;
    private TimeSpan _at;

    public TokenBucket(double perSecond, double burst)
    {
        _perSecond = perSecond;
        _burst = _tokens = burst;
    }

    /// <summary>Takes so many, or none if there are not so many.</summary>
    public bool TryTake(TimeSpan now, double count = 1)
    {
        _tokens = Math.Min(_burst, _tokens + (Math.Max(0, (now - _at).TotalSeconds) * _perSecond));
        _at = now;
        if (_tokens < count)
        {
            return false;
        }
        _tokens -= count;
        return true;
    }
}
