using System.Buffers.Binary;

namespace Calls.Media.Tcp;

/// <summary>Packets on their way into a TCP connection, framed as in RFC 4571 section 2. One that does not fit, or comes when the client has been behind for long, is dropped whole: late sound is worth no more than lost sound, and a client that does not read holds no more than this.</summary>
internal sealed class FrameQueue
{
    /// <summary>Bytes: a tenth of a second of 24 voices at 32 kbit/s.</summary>
    public const int Capacity = 16 * 1024;

    /// <summary>So long a connection may take nothing before further packets are dropped: what players wait for at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;
    private TimeSpan? _behindSince;

    /// <summary>What is to be sent next.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Takes a packet; false if it is dropped.</summary>
    public bool TryAdd(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (now - _behindSince > Patience)
        {
            return false;
        }
        var length = FrameReader.HeaderLength + packet.Length;
        if (_end + length > Capacity && _start > 0)
        {
            Waiting.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end + length > Capacity)
        {
            return false;
        }
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_end), (ushort)packet.Length);
        packet.CopyTo(_buffer.AsSpan(_end + FrameReader.HeaderLength));
        _end += length;
        return true;
    }

    /// <summary>The connection took so many bytes of <see cref="Waiting"/>, and no more for now.</summary>
    public void Sent(int count, TimeSpan now)
    {
        _start += count;
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            _behindSince = null;
        }
        else
        {
            _behindSince ??= now;
        }
    }
}
