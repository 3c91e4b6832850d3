using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Calls.Media.Shell;

/// <summary>Linux's <c>epoll</c>: which of many descriptors have something. One thread.</summary>
internal sealed unsafe class EventQueue : IDisposable
{
    /// <summary>Descriptors told of at a time.</summary>
    public const int BatchSize = 64;

    private const int Add = 1; // EPOLL_CTL_ADD
    private const int Remove = 2; // EPOLL_CTL_DEL
    private const int Modify = 3; // EPOLL_CTL_MOD
    private const uint Readable = 1; // EPOLLIN
    private const uint Writable = 4; // EPOLLOUT
    private const int MaxEventSize = 16;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly byte[] _events = GC.AllocateArray<byte>(BatchSize * MaxEventSize, pinned: true);
    private readonly TcpSocket _epoll; // a descriptor that is closed like any

    public EventQueue()
    {
        _epoll = new TcpSocket(LibC.epoll_create1(LibC.CloseOnExec));
        if (_epoll.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Tells of this one from now on, by the number.</summary>
    public void Watch(int descriptor, uint number) => Control(Add, descriptor, number, Readable);

    /// <summary>Tells, or does not tell any more, when it takes data.</summary>
    public void WatchRoom(int descriptor, uint number, bool wanted) =>
        Control(Modify, descriptor, number, wanted ? Readable | Writable : Readable);

    /// <summary>Before it is closed.</summary>
    public void Forget(int descriptor) => Control(Remove, descriptor, 0, 0);

    /// <summary>Waits until there is something, or the time is over.</summary>
    /// <returns>How many have something.</returns>
    public int Wait(int timeoutMs)
    {
        fixed (byte* events = _events)
        {
            return Math.Max(0, LibC.epoll_wait(_epoll.Descriptor, events, BatchSize, timeoutMs));
        }
    }

    /// <summary>The number of one that has something.</summary>
    public uint this[int index] =>
        BinaryPrimitives.ReadUInt32LittleEndian(_events.AsSpan((index * EventSize) + DataOffset));

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private void Control(int operation, int descriptor, uint number, uint events)
    {
        Span<byte> what = stackalloc byte[MaxEventSize];
        what.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(what, events);
        BinaryPrimitives.WriteUInt32LittleEndian(what[DataOffset..], number);
        fixed (byte* bytes = what)
        {
            _ = LibC.epoll_ctl(_epoll.Descriptor, operation, descriptor, bytes);
        }
    }
}
