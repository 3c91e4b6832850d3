using System.Buffers.Binary;

namespace Calls.Media.Tcp;

/// <summary>Cuts what comes over a TCP connection into the packets it carries: two bytes of length before each (RFC 4571 section 2). Its memory is made once and bounds what a client can have the server hold.</summary>
/// <param name="longestFrame">Bytes; a client that announces more is <see cref="IsBroken"/>.</param>
internal sealed class FrameReader(int longestFrame)
{
    /// <summary>Bytes before each packet.</summary>
    public const int HeaderLength = 2;

    // Room for two of the longest, so that many short ones come with one system call.
    private readonly byte[] _buffer = new byte[2 * (HeaderLength + longestFrame)];
    private int _start;
    private int _end;

    /// <summary>Whether the client sends what cannot be a frame: there is no way to find the next one.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What has come and is not taken yet.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Where the next bytes are to be put; never empty once <see cref="TryTake"/> has nothing more to give.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                Waiting.CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            return _buffer.AsSpan(_end);
        }
    }

    /// <summary>So many bytes were put into <see cref="Free"/>.</summary>
    public void Received(int count) => _end += count;

    /// <summary>The next whole packet, to be used before anything else is asked for; it may be changed in place. Empty ones are passed over.</summary>
    public bool TryTake(out Span<byte> packet)
    {
        packet = default;
        while (!IsBroken && _end - _start >= HeaderLength)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
            if (length > longestFrame)
            {
                IsBroken = true;
                return false;
            }
            if (_end - _start < HeaderLength + length)
            {
                return false;
            }
            packet = _buffer.AsSpan(_start + HeaderLength, length);
            _start += HeaderLength + length;
            if (length > 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The packet of this length that was just taken stands first again.</summary>
    public void PutBack(int length) => _start -= HeaderLength + length;

    /// <summary>For the next connection.</summary>
    public void Clear()
    {
        (_start, _end) = (0, 0);
        IsBroken = false;
    }
}
