using System.Runtime.CompilerServices;

namespace Calls.Media.Stun;

/// <summary>The first few attribute types of a message that must be understood and are not.</summary>
public struct StunUnknown
{
    /// <summary>Most that are named in an error response; one would do to refuse the message.</summary>
    public const int Max = 8;

    private Types _types;

    /// <summary>How many are kept.</summary>
    public int Count { get; private set; }

    /// <summary>One of them.</summary>
    public readonly ushort this[int index] => _types[index];

    internal void Add(ushort type)
    {
        if (Count < Max)
        {
            _types[Count++] = type;
        }
    }

    [InlineArray(Max)]
    private struct Types
    {
        private ushort _first;
    }
}
