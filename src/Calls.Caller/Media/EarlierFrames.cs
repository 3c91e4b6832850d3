namespace Calls.Caller.Media;

/// <summary>The frames that were sent last, for packets that repeat them (RFC 2198).</summary>
/// <param name="count">How many a packet repeats.</param>
internal sealed class EarlierFrames(int count)
{
    /// <summary>Longest payload that is made with redundancy: DTLS's MTU less the headers. What would not fit is left out, the oldest first.</summary>
    public const int MaxPayload = 1_150;

    private readonly byte[][] _frames = [.. Enumerable.Range(0, count).Select(_ => new byte[RedFrames.MaxBlockLength])];
    private readonly (int Length, uint Timestamp)[] _known = new (int, uint)[count];

    /// <summary>Forgets them: nobody wants them behind a pause.</summary>
    public void Clear() => Array.Clear(_known);

    /// <summary>Writes a payload: the earlier frames as far as there are, and this one last.</summary>
    /// <returns>The payload's length; the present frame is at its end.</returns>
    public int Write(Span<byte> payload, byte type, uint timestamp, ReadOnlySpan<byte> frame)
    {
        var first = First(timestamp, frame.Length);
        var data = ((count - first) * RedFrames.BlockHeaderLength) + 1;
        for (var (i, header) = (first, 0); i < count; i++, header += RedFrames.BlockHeaderLength)
        {
            var (length, at) = _known[i];
            RedFrames.WriteHeader(payload[header..], type, timestamp - at, length);
            _frames[i].AsSpan(0, length).CopyTo(payload[data..]);
            data += length;
        }

        payload[(count - first) * RedFrames.BlockHeaderLength] = type;
        frame.CopyTo(payload[data..]);
        return data + frame.Length;
    }

    /// <summary>Keeps a frame for the packets that come.</summary>
    public void Keep(uint timestamp, ReadOnlySpan<byte> frame)
    {
        var oldest = _frames[0];
        _frames.AsSpan(1).CopyTo(_frames);
        _known.AsSpan(1).CopyTo(_known);
        _frames[^1] = oldest;
        var fits = frame.Length <= RedFrames.MaxBlockLength;
        _known[^1] = fits ? (frame.Length, timestamp) : default;
        if (fits)
        {
            frame.CopyTo(oldest);
        }
    }

    // From which one on they are there, near enough, and fit.
    private int First(uint timestamp, int length)
    {
        var first = count;
        length += 1;
        while (first > 0)
        {
            var (known, at) = _known[first - 1];
            length += known + RedFrames.BlockHeaderLength;
            if (known == 0 || timestamp - at > RedFrames.MaxOffset || length > MaxPayload)
            {
                break;
            }

            first--;
        }

        return first;
    }
}
