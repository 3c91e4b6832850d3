namespace Calls.Media.Rtp;

/// <summary>The elements of a header extension (RFC 8285), in the one-byte (§4.2) or the two-byte form (§4.3).</summary>
public readonly ref struct RtpExtensions
{
    /// <summary>The profile word of the one-byte form.</summary>
    public const ushort OneByteProfile = 0xBEDE;

    /// <summary>The profile word of the two-byte form; its low four bits are the application's.</summary>
    public const ushort TwoByteProfile = 0x1000;

    private const ushort TwoByteMask = 0xFFF0;

    private readonly ReadOnlySpan<byte> _elements;

    internal RtpExtensions(ushort profile, ReadOnlySpan<byte> elements)
    {
        IsOneByte = profile == OneByteProfile;
        _elements = IsOneByte || IsTwoByteProfile(profile) ? elements : default;
    }

    /// <summary>Whether the one-byte form is used.</summary>
    public bool IsOneByte { get; }

    /// <summary>Whether there is nothing to read.</summary>
    public bool IsEmpty => _elements.IsEmpty;

    /// <summary>The value of the first element with this id. An element that reaches beyond the extension ends the search.</summary>
    public bool TryFind(int id, out ReadOnlySpan<byte> value)
    {
        foreach (var element in this)
        {
            if (element.Id == id)
            {
                value = element.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Walks the elements.</summary>
    public Enumerator GetEnumerator() => new(_elements, IsOneByte);

    internal static bool IsTwoByteProfile(ushort profile) => (profile & TwoByteMask) == TwoByteProfile;

    /// <summary>One element.</summary>
    public readonly ref struct Element
    {
        internal Element(int id, int offset, ReadOnlySpan<byte> value)
        {
            Id = id;
            Offset = offset;
            Value = value;
        }

        /// <summary>The id that was negotiated by <c>a=extmap</c>.</summary>
        public int Id { get; }

        /// <summary>The value.</summary>
        public ReadOnlySpan<byte> Value { get; }

        /// <summary>Where the element's own header begins, from the first element on.</summary>
        internal int Offset { get; }
    }

    /// <summary>Walks the elements of either form, over padding, up to the first one that does not fit.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _elements;
        private readonly bool _oneByte;
        private int _next;

        internal Enumerator(ReadOnlySpan<byte> elements, bool oneByte)
        {
            _elements = elements;
            _oneByte = oneByte;
        }

        /// <summary>The element.</summary>
        public Element Current { get; private set; }

        /// <summary>Goes to the next element.</summary>
        public bool MoveNext()
        {
            while (_next < _elements.Length && _elements[_next] == 0)
            {
                _next++;
            }

            var headerLength = _oneByte ? 1 : 2;
            if (_elements.Length - _next < headerLength)
            {
                return false;
            }

            int first = _elements[_next];
            var id = _oneByte ? first >> 4 : first;
            var length = _oneByte ? (first & 0x0F) + 1 : _elements[_next + 1];
            var start = _next + headerLength;

            // Id 15 is reserved in the one-byte form and ends the reading (§4.2). An id 0 with a length is
            // not padding, yet ids begin at 1: the element is skipped by its length, as any unknown one.
            if ((_oneByte && id == 15) || _elements.Length - start < length)
            {
                _next = _elements.Length;
                return false;
            }

            Current = new Element(id, _next, _elements.Slice(start, length));
            _next = start + length;
            return true;
        }
    }
}
