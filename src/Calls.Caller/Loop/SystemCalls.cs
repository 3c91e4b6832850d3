using System.Runtime.InteropServices;

namespace Calls.Caller.Loop;

/// <summary>Linux's calls for waiting on hundreds of sockets with one thread, which .NET has not.</summary>
internal static unsafe partial class SystemCalls
{
    public const int Add = 1; // EPOLL_CTL_ADD
    public const uint Readable = 1; // EPOLLIN
    public const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC, EFD_CLOEXEC
    public const int NonBlocking = 0x800; // EFD_NONBLOCK
    public const int DoNotWait = 0x40; // MSG_DONTWAIT

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(SafeHandle epoll, int operation, SafeHandle socket, byte* what);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(SafeHandle epoll, byte* happened, int most, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeHandle file, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeHandle file, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendto(
        SafeHandle socket,
        byte* datagram,
        nuint length,
        int flags,
        byte* address,
        uint addressLength
    );

    [LibraryImport("libc")]
    public static partial int close(nint file);

    /// <summary>Bytes of a <c>struct epoll_event</c>: 32 bits of what, 64 of data, without a gap on x86-64 and there alone.</summary>
    public static readonly int EventLength = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where in it the data are.</summary>
    public static readonly int EventData = EventLength - sizeof(long);
}

/// <summary>A file descriptor that is no socket.</summary>
internal sealed class FileHandle : SafeHandle
{
    public FileHandle(int descriptor)
        : base(-1, ownsHandle: true)
    {
        SetHandle(descriptor);
        if (IsInvalid)
        {
            throw new IOException($"The system gives no file descriptor: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    public override bool IsInvalid => handle == -1;

    protected override bool ReleaseHandle() => SystemCalls.close(handle) == 0;
}
