using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Calls.Media.Shell;
using Calls.Media.Srtp;

namespace Calls.Caller.Loop;

/// <summary>Takes datagrams off sockets, some at a time, with the moments at which the kernel had them. One thread.</summary>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>Datagrams per system call: a call of 25 has so many within 20 ms.</summary>
    public const int Size = 32;

    private const int SocketLevel = 1; // SOL_SOCKET
    private const int TimestampOption = 35; // SO_TIMESTAMPNS, and the type of the message that comes of it
    private const int ControlHeader = 16; // struct cmsghdr: length, level, type

    // A little more than anything that is taken, so that what is longer shows as cut off.
    private const int SlotLength = SrtpLimits.MaxPacketLength + 256;

    private readonly byte[] _slots = GC.AllocateArray<byte>(Size * SlotLength, pinned: true);
    private readonly MessageBatch _batch;

    public ReceiveBatch() => _batch = new MessageBatch(Size, _slots, SlotLength);

    /// <summary>Has the kernel note when a datagram comes: what the thread's own lag cannot spoil.</summary>
    public static void AskForTimes(Socket socket) =>
        socket.SetRawSocketOption(SocketLevel, TimestampOption, [1, 0, 0, 0]);

    /// <summary>Takes what is there, without waiting.</summary>
    public int Receive(Socket socket)
    {
        for (var i = 0; i < Size; i++)
        {
            _batch.Messages[i].NameLength = WireAddress.MaxLength;
            _batch.Messages[i].ControlLength = WireAddress.MaxControl;
        }

        return Math.Max(0, LibC.recvmmsg(socket.SafeHandle, _batch.Messages, Size, LibC.DoNotWait, null));
    }

    /// <summary>One of the datagrams that came; empty if it is longer than anything that is taken.</summary>
    public Span<byte> Datagram(int index)
    {
        ref var message = ref _batch.Messages[index];
        var length = (message.Flags & LibC.Truncated) == 0 ? (int)message.Transferred : 0;
        return _slots.AsSpan(index * SlotLength, length);
    }

    /// <summary>How long it has been in the socket, by the wall clock that the kernel notes; zero where it noted nothing.</summary>
    public TimeSpan Waited(int index, DateTime utcNow)
    {
        var control = _batch.Control(index)[..(int)_batch.Messages[index].ControlLength];
        if (
            control.Length < ControlHeader + 16
            || BinaryPrimitives.ReadInt32LittleEndian(control[8..]) != SocketLevel
            || BinaryPrimitives.ReadInt32LittleEndian(control[12..]) != TimestampOption
        )
        {
            return TimeSpan.Zero;
        }

        var seconds = BinaryPrimitives.ReadInt64LittleEndian(control[ControlHeader..]);
        var nanoseconds = BinaryPrimitives.ReadInt64LittleEndian(control[(ControlHeader + 8)..]);
        var ticks =
            DateTime.UnixEpoch.Ticks
            + (seconds * TimeSpan.TicksPerSecond)
            + (nanoseconds / TimeSpan.NanosecondsPerTick);
        return TimeSpan.FromTicks(Math.Max(0, utcNow.Ticks - ticks));
    }

    /// <summary>Where it came from; makes an object, and is for the few that are asked.</summary>
    public IPEndPoint From(int index, AddressFamily family)
    {
        var name = _batch.Name(index);
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        return family == AddressFamily.InterNetwork
            ? new IPEndPoint(new IPAddress(name.Slice(4, 4)), port)
            : new IPEndPoint(
                new IPAddress(name.Slice(8, 16), BinaryPrimitives.ReadUInt32LittleEndian(name[24..])),
                port
            );
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
