using System.Runtime.InteropServices;

namespace Calls.Media.Shell;

/// <summary>Linux's calls for many datagrams at a time, which .NET's sockets have not: at 25 receivers of each packet the price of a system call is most of the price of forwarding.</summary>
internal static unsafe partial class LibC
{
    public const int DoNotWait = 0x40; // MSG_DONTWAIT
    public const int WaitForOne = 0x10000; // MSG_WAITFORONE
    public const int Truncated = 0x20; // MSG_TRUNC

    public const int Interrupted = 4; // EINTR
    public const int TryAgain = 11; // EAGAIN
    public const int SystemFilesFull = 23; // ENFILE
    public const int ProcessFilesFull = 24; // EMFILE
    public const int NoBuffers = 105; // ENOBUFS

    public const short PollIn = 1;
    public const short PollOut = 4;

    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int NonBlockingSocket = 0x800; // SOCK_NONBLOCK
    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC, EPOLL_CLOEXEC
    public const int StopReading = 0; // SHUT_RD

    public const int SocketLevel = 1; // SOL_SOCKET
    public const int SendBuffer = 7; // SO_SNDBUF
    public const int TcpLevel = 6; // IPPROTO_TCP
    public const int TcpNoDelay = 1; // TCP_NODELAY
    public const int TcpUnsentLimit = 25; // TCP_NOTSENT_LOWAT

    [LibraryImport("libc", SetLastError = true)]
    public static partial int recvmmsg(SafeHandle socket, MultiMessage* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sendmmsg(SafeHandle socket, MultiMessage* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(SafeHandle listener, byte* name, uint* nameLength, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int socket, int level, int name, int* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* what);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int count, int timeoutMs);

    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK

    /// <summary>Lets the calling thread's short sleeps end when they should; by default the kernel adds 50 µs.</summary>
    public static void SleepExactly() => _ = prctl(SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Sleeps for less than a second; nothing for no time. A signal may end it early.</summary>
    public static void Sleep(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
        {
            return;
        }
        var wanted = new TimeSpec { Nanoseconds = (nint)(time.Ticks * TimeSpan.NanosecondsPerTick) };
        _ = nanosleep(&wanted, null);
    }

    [LibraryImport("libc")]
    private static partial int nanosleep(TimeSpec* wanted, TimeSpec* left);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    /// <summary><c>struct timespec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c> of 64-bit Linux: a <c>msghdr</c> and the length that was transferred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MultiMessage
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding; // msghdr ends on a whole eight bytes
        public uint Transferred;
        private readonly uint _end;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
