using System.Net.Sockets;
using Calls.Media.Ice;
using Calls.Media.Srtp;

namespace Calls.Media.Shell;

/// <summary>Takes datagrams off a socket, as many as are there at a time. One thread.</summary>
internal sealed unsafe class UdpReceiver : IDisposable
{
    /// <summary>Datagrams per system call.</summary>
    public const int BatchSize = 64;

    // A little more than anything that is taken, so that what is longer shows as cut off.
    private const int SlotSize = SrtpLimits.MaxPacketLength + 256;

    private readonly byte[] _slots = GC.AllocateArray<byte>(BatchSize * SlotSize, pinned: true);
    private readonly SafeSocketHandle _socket;
    private readonly WireAddress _addresses;
    private readonly MessageBatch _batch;

    public UdpReceiver(Socket socket)
    {
        _socket = socket.SafeHandle;
        _addresses = new WireAddress(socket.AddressFamily);
        _batch = new MessageBatch(BatchSize, _slots, SlotSize);
    }

    /// <summary>Waits for datagrams, as long as the socket's receive timeout says, and takes what is there.</summary>
    /// <returns>How many came; 0 also when the kernel has only an error to tell: of a datagram sent earlier, which is no news here.</returns>
    public int Receive() => Receive(LibC.WaitForOne);

    /// <summary>Takes what is there without waiting.</summary>
    public int ReceiveNow() => Receive(LibC.DoNotWait);

    private int Receive(int flags)
    {
        for (var i = 0; i < BatchSize; i++)
        {
            _batch.Messages[i].NameLength = WireAddress.MaxLength;
            _batch.Messages[i].ControlLength = WireAddress.MaxControl;
        }
        return Math.Max(0, LibC.recvmmsg(_socket, _batch.Messages, BatchSize, flags, null));
    }

    /// <summary>One of the datagrams that came; empty if it is longer than anything that is taken.</summary>
    public Span<byte> Datagram(int index)
    {
        ref var message = ref _batch.Messages[index];
        var length = (message.Flags & LibC.Truncated) == 0 ? (int)message.Transferred : 0;
        return _slots.AsSpan(index * SlotSize, length);
    }

    /// <summary>Where it came from, and to which of our addresses.</summary>
    public NetworkPath From(int index) =>
        _addresses.Read(_batch.Name(index), _batch.Control(index)[..(int)_batch.Messages[index].ControlLength]);

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
