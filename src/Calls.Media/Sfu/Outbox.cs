using Calls.Media.Ice;

namespace Calls.Media.Sfu;

/// <summary>Datagrams on their way out: written in place by the core, handed to the shell in batches, in memory that is made once.</summary>
/// <param name="send">Sends all that wait.</param>
internal sealed class Outbox(Action<Outbox> send)
{
    /// <summary>Bytes per datagram: what SRTP takes at most, with room for a tag and for header extensions.</summary>
    public const int SlotSize = 2_304;

    /// <summary>Datagrams per batch: with 64 at a time the price of a system call is spread enough (design, section 7).</summary>
    public const int Capacity = 64;

    private readonly int[] _lengths = new int[Capacity];
    private readonly NetworkPath[] _to = new NetworkPath[Capacity];

    /// <summary>The slots one after the other; the array never moves.</summary>
    public byte[] Memory { get; } = GC.AllocateArray<byte>(SlotSize * Capacity, pinned: true);

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Where the next datagram is to be written.</summary>
    public Span<byte> Next => Memory.AsSpan(Count * SlotSize, SlotSize);

    /// <summary>What was written to <see cref="Next"/> goes out.</summary>
    public void Commit(int length, NetworkPath to)
    {
        _lengths[Count] = length;
        _to[Count] = to;
        Count++;
        if (Count == Capacity)
        {
            Flush();
        }
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        if (Count > 0)
        {
            send(this);
            Count = 0;
        }
    }

    /// <summary>One of those that wait.</summary>
    public ReadOnlySpan<byte> this[int index] => Memory.AsSpan(index * SlotSize, _lengths[index]);

    /// <summary>Where it goes.</summary>
    public NetworkPath To(int index) => _to[index];
}
