using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Calls.Media.Shell;

namespace Calls.Bench.Media.Generator;

/// <summary>One UDP socket for all participants, who differ by their own addresses of 127.0.0.0/8: so many come and go with one system call. One thread.</summary>
internal sealed unsafe class BatchSocket : IDisposable
{
    /// <summary>Datagrams per system call.</summary>
    public const int Batch = 64;

    // A second of 300,000 packets is 230 MB of the kernel's memory: this holds a stall of a quarter of a second.
    private const int ReceiveBufferBytes = 64 << 20;
    private const int SlotLength = 2_304;
    private const int NameLength = 16; // struct sockaddr_in
    private const int ControlLength = 128;
    private const int ControlHeader = 16; // struct cmsghdr
    private const int SendControlLength = 32; // one header and a struct in_pktinfo, padded

    private const int IpLevel = 0;
    private const int PacketInfo = 8; // IP_PKTINFO
    private const int SocketLevel = 1;
    private const int Timestamp = 35; // SO_TIMESTAMPNS
    private const int Overflow = 40; // SO_RXQ_OVFL
    private const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Side _in = new();
    private readonly Side _out = new();
    private int _waiting;

    public BatchSocket()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _socket.SetRawSocketOption(IpLevel, PacketInfo, [1, 0, 0, 0]);
        _socket.SetRawSocketOption(SocketLevel, Timestamp, [1, 0, 0, 0]);
        _socket.SetRawSocketOption(SocketLevel, Overflow, [1, 0, 0, 0]);
        try
        {
            _socket.SetRawSocketOption(SocketLevel, ReceiveBufferForce, BitConverter.GetBytes(ReceiveBufferBytes));
        }
        catch (SocketException)
        {
            _socket.ReceiveBufferSize = ReceiveBufferBytes; // as much as one who is not root may have
        }
    }

    /// <summary>Datagrams that the kernel dropped because this side did not read: the generator's loss, not the server's.</summary>
    public long Dropped { get; private set; }

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long NotSent { get; private set; }

    /// <summary>Puts a datagram into the batch, and sends that when it is full.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="from">One of our addresses, as the number that it is.</param>
    /// <param name="to">Where to.</param>
    public void Add(ReadOnlySpan<byte> datagram, uint from, IPEndPoint to)
    {
        datagram.CopyTo(_out.Slot(_waiting));
        _out.Batch.Point(_waiting, _waiting, datagram.Length);
        ref var message = ref _out.Batch.Messages[_waiting];
        message.Name = _out.Names + (_waiting * NameLength);
        message.NameLength = NameLength;
        message.Control = _out.Controls + (_waiting * ControlLength);
        message.ControlLength = SendControlLength;
        var name = new Span<byte>(message.Name, NameLength);
        BinaryPrimitives.WriteUInt16LittleEndian(name, (ushort)AddressFamily.InterNetwork);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)to.Port);
        _ = to.Address.TryWriteBytes(name[4..], out _);
        var control = new Span<byte>(message.Control, SendControlLength);
        BinaryPrimitives.WriteInt64LittleEndian(control, ControlHeader + 12);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], IpLevel);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], PacketInfo);
        BinaryPrimitives.WriteUInt32BigEndian(control[(ControlHeader + 4)..], from);
        if (++_waiting == Batch)
            Flush();
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        for (var sent = 0; sent < _waiting; )
        {
            var n = LibC.sendmmsg(_socket.SafeHandle, _out.Batch.Messages + sent, (uint)(_waiting - sent), 0);
            NotSent += n > 0 ? 0 : 1;
            sent += Math.Max(1, n);
        }
        _waiting = 0;
    }

    /// <summary>Takes what is there, without waiting.</summary>
    public int Receive()
    {
        for (var i = 0; i < Batch; i++)
        {
            ref var message = ref _in.Batch.Messages[i];
            message.Name = _in.Names + (i * NameLength);
            message.NameLength = NameLength;
            message.Control = _in.Controls + (i * ControlLength);
            message.ControlLength = ControlLength;
        }
        return Math.Max(0, LibC.recvmmsg(_socket.SafeHandle, _in.Batch.Messages, Batch, LibC.DoNotWait, null));
    }

    /// <summary>One of those that came.</summary>
    public Span<byte> Datagram(int index) => _in.Slot(index)[..(int)_in.Batch.Messages[index].Transferred];

    /// <summary>To which of our addresses it came, and when the kernel had it: ticks of the wall clock.</summary>
    public (uint To, long ArrivedAt) Arrival(int index)
    {
        ref var message = ref _in.Batch.Messages[index];
        var control = new ReadOnlySpan<byte>(message.Control, (int)message.ControlLength);
        var (to, at) = (0u, 0L);
        while (control.Length >= ControlHeader)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(control);
            var kind = (
                BinaryPrimitives.ReadInt32LittleEndian(control[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(control[12..])
            );
            var data = control[ControlHeader..];
            if (kind == (IpLevel, PacketInfo))
                to = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
            else if (kind == (SocketLevel, Timestamp))
                at = Ticks(data);
            else if (kind == (SocketLevel, Overflow))
                Dropped = BinaryPrimitives.ReadUInt32LittleEndian(data);
            control = control[Math.Min(control.Length, Math.Max(ControlHeader, (length + 7) & ~7))..];
        }
        return (to, at);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _in.Batch.Dispose();
        _out.Batch.Dispose();
    }

    private static long Ticks(ReadOnlySpan<byte> time) =>
        DateTime.UnixEpoch.Ticks
        + (BinaryPrimitives.ReadInt64LittleEndian(time) * TimeSpan.TicksPerSecond)
        + (BinaryPrimitives.ReadInt64LittleEndian(time[8..]) / TimeSpan.NanosecondsPerTick);

    /// <summary>The memory of one direction, which the kernel sees too.</summary>
    private sealed class Side
    {
        private readonly byte[] _slots = GC.AllocateArray<byte>(BatchSocket.Batch * SlotLength, pinned: true);
        private readonly byte[] _names = GC.AllocateArray<byte>(BatchSocket.Batch * NameLength, pinned: true);
        private readonly byte[] _controls = GC.AllocateArray<byte>(BatchSocket.Batch * ControlLength, pinned: true);

        public Side() => Batch = new MessageBatch(BatchSocket.Batch, _slots, SlotLength);

        public MessageBatch Batch { get; }

        public byte* Names => (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_names, 0);

        public byte* Controls =>
            (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_controls, 0);

        public Span<byte> Slot(int index) => _slots.AsSpan(index * SlotLength, SlotLength);
    }
}
