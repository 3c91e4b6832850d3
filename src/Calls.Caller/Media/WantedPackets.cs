using System.Runtime.InteropServices;

namespace Calls.Caller.Media;

/// <summary>
/// Which packets of a remote track are missing, and when to ask for each (RFC 4585 §6.2.1). Bounded in number, in tries and in time.
/// Without a clock.
/// </summary>
/// <param name="patience">How long a packet is worth asking for: no longer than it could still be played.</param>
internal sealed class WantedPackets(TimeSpan patience)
{
    /// <summary>Packets that are waited for at once. In a longer gap only the newest are: the older ones would come too late.</summary>
    public const int Capacity = 32;

    /// <summary>How often one packet is asked for; with a tenth of requests and answers lost, one in 700 is then still missing.</summary>
    public const int MaxTries = 4;

    /// <summary>How much later than a later packet one may come without being asked for: most reordering lies within.</summary>
    public static readonly TimeSpan ReorderAllowance = TimeSpan.FromMilliseconds(10);

    // Below this a round trip is not believed: servers gather packets, and machines are busy.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan UnknownRoundTrip = TimeSpan.FromMilliseconds(100);

    private readonly Wanted[] _wanted = new Wanted[Capacity];
    private int _count;
    private ushort _highest;
    private bool _hasBegun;

    [StructLayout(LayoutKind.Auto)]
    private struct Wanted
    {
        public TimeSpan Since;
        public TimeSpan DueAt;
        public ushort Sequence;
        public byte Tries;
    }

    /// <summary>How many are waited for.</summary>
    public int Count => _count;

    /// <summary>When <see cref="TakeDue"/> has something to do; null if nothing is waited for.</summary>
    public TimeSpan? NextDue { get; private set; }

    /// <summary>A packet came; true if it had been asked for.</summary>
    public bool OnPacket(ushort sequence, TimeSpan now)
    {
        var step = (short)(sequence - _highest);
        if (!_hasBegun || step > 0)
        {
            if (_hasBegun && step > 1)
            {
                Miss(step - 1, now);
            }

            (_highest, _hasBegun) = (sequence, true);
            return false;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_wanted[i].Sequence == sequence)
            {
                var wasAsked = _wanted[i].Tries > 0;
                Remove(i);
                FindNextDue();
                return wasAsked;
            }
        }

        return false;
    }

    /// <summary>What is to be asked for now, in ascending order; from here on it counts as asked.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">To the server and back, as far as it is known.</param>
    /// <param name="into">Takes the numbers: <see cref="Capacity"/> at most.</param>
    public int TakeDue(TimeSpan now, TimeSpan? roundTrip, Span<ushort> into)
    {
        var pause = (roundTrip ?? UnknownRoundTrip) * 1.5;
        pause = pause > LeastPause ? pause : LeastPause;
        var due = 0;
        for (var i = 0; i < _count; i++)
        {
            ref var wanted = ref _wanted[i];
            if (wanted.DueAt > now)
            {
                continue;
            }

            if (wanted.Tries == MaxTries || now - wanted.Since > patience)
            {
                Remove(i--);
                continue;
            }

            wanted.Tries++;
            wanted.DueAt = now + pause;
            into[due++] = wanted.Sequence;
        }

        FindNextDue();
        return due;
    }

    private void Miss(int gap, TimeSpan now)
    {
        gap = Math.Min(gap, short.MaxValue);
        for (var i = Math.Max(1, gap - Capacity + 1); i <= gap; i++)
        {
            if (_count == Capacity)
            {
                Remove(0);
            }

            _wanted[_count++] = new Wanted
            {
                Sequence = (ushort)(_highest + i),
                Since = now,
                DueAt = now + ReorderAllowance,
            };
        }

        FindNextDue();
    }

    private void Remove(int index)
    {
        _wanted.AsSpan(index + 1, --_count - index).CopyTo(_wanted.AsSpan(index));
    }

    private void FindNextDue()
    {
        NextDue = null;
        for (var i = 0; i < _count; i++)
        {
            NextDue = NextDue is { } next && next <= _wanted[i].DueAt ? next : _wanted[i].DueAt;
        }
    }
}
