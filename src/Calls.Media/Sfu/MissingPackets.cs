using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>Which packets of one incoming stream are missing, and when to ask the sender for them again. Bounded in number, in tries, in time, and in how much is asked for.</summary>
internal sealed class MissingPackets
{
    /// <summary>Packets that are waited for at once: of a longer gap (a Wi-Fi that was away) the sound would come too late anyway.</summary>
    public const int Capacity = 16;

    /// <summary>How long a packet is worth asking for: receivers' buffers are shorter.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <summary>How often one packet is asked for.</summary>
    public const int MaxTries = 3;

    // With half of all packets lost at 50 a second it is still enough to ask for each once.
    private const double AsksPerSecond = 25;

    // An answer that is on its way is not asked for again; below this a round trip is not believed.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan UnknownRoundTrip = TimeSpan.FromMilliseconds(100);

    private Missing[] _missing = []; // until one is: most streams come whole
    private int _count;
    private ushort _highest;
    private bool _hasBegun;
    private TokenBucket _bucket = new(AsksPerSecond, Capacity);

    [StructLayout(LayoutKind.Auto)]
    private struct Missing
    {
        public TimeSpan Since;
        public TimeSpan AskedAt;
        public ushort Sequence;
        public byte Tries;
    }

    /// <summary>How many are waited for.</summary>
    public int Count => _count;

    /// <summary>Forgets everything: the stream is another one, or nobody listens.</summary>
    public void Reset() => (_count, _hasBegun) = (0, false);

    /// <summary>A packet came.</summary>
    public void OnPacket(ushort sequence, TimeSpan now)
    {
        var step = (short)(sequence - _highest);
        if (!_hasBegun || step > 0)
        {
            if (_hasBegun)
            {
                Miss(step - 1, now);
            }
            (_highest, _hasBegun) = (sequence, true);
            return;
        }
        for (var i = 0; i < _count; i++)
        {
            if (_missing[i].Sequence == sequence)
            {
                Remove(i);
                return;
            }
        }
    }

    /// <summary>What is to be asked for now, in ascending order; from here on it counts as asked.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">To the sender and back in seconds, not a number while unknown.</param>
    /// <param name="into">Takes the numbers: <see cref="Capacity"/> at most.</param>
    public int TakeDue(TimeSpan now, double roundTrip, Span<ushort> into)
    {
        var pause = double.IsNaN(roundTrip) ? UnknownRoundTrip : TimeSpan.FromSeconds(roundTrip);
        pause = pause + (pause / 2) > LeastPause ? pause + (pause / 2) : LeastPause;
        var due = 0;
        for (var i = 0; i < _count; i++)
        {
            ref var missing = ref _missing[i];
            if (now - missing.Since > Patience || (missing.Tries == MaxTries && now - missing.AskedAt >= pause))
            {
                Remove(i--);
                continue;
            }
            var isDue = missing.Tries == 0 || (missing.Tries < MaxTries && now - missing.AskedAt >= pause);
            if (isDue && _bucket.TryTake(now))
            {
                missing.Tries++;
                missing.AskedAt = now;
                into[due++] = missing.Sequence;
            }
        }
        return due;
    }

    private void Miss(int gap, TimeSpan now)
    {
        if (gap == 0)
        {
            return;
        }
        if (gap > Capacity)
        {
            _count = 0;
            return;
        }
        if (_missing.Length == 0)
        {
            _missing = new Missing[Capacity];
        }
        while (_count + gap > Capacity)
        {
            Remove(0);
        }
        for (var i = 1; i <= gap; i++)
        {
            _missing[_count++] = new Missing { Sequence = (ushort)(_highest + i), Since = now };
        }
    }

    private void Remove(int index)
    {
        _missing.AsSpan(index + 1, --_count - index).CopyTo(_missing.AsSpan(index));
    }
}
