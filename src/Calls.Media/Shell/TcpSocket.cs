using System.Runtime.InteropServices;

namespace Calls.Media.Shell;

/// <summary>One accepted connection's descriptor. Nothing here waits.</summary>
internal sealed unsafe class TcpSocket : SafeHandle
{
    /// <summary>The other side is gone.</summary>
    public const int Gone = -1;

    // Bytes that the kernel may hold: what is on its way, for a client that is far away or loses much.
    private const int SendBufferBytes = 64 * 1024;

    // Bytes that the kernel takes beyond what fits the path now: more would only grow old there.
    private const int UnsentBytes = 4 * 1024;

    public TcpSocket(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle == -1;

    public int Descriptor => (int)handle;

    /// <summary>For sound: small packets at once, and nothing old kept.</summary>
    public void SetUp()
    {
        Set(LibC.TcpLevel, LibC.TcpNoDelay, 1);
        Set(LibC.SocketLevel, LibC.SendBuffer, SendBufferBytes);
        Set(LibC.TcpLevel, LibC.TcpUnsentLimit, UnsentBytes);
    }

    /// <summary>Takes what has come: the number of bytes, 0 for nothing yet, or <see cref="Gone"/>.</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var count = (int)LibC.recv(Descriptor, bytes, (nuint)buffer.Length, LibC.DoNotWait);
            return count > 0 ? count
                : count < 0 && IsTemporary() ? 0
                : Gone;
        }
    }

    /// <summary>Sends what fits: the number of bytes, or <see cref="Gone"/>.</summary>
    public int Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            var count = (int)LibC.send(Descriptor, bytes, (nuint)data.Length, LibC.DoNotWait | LibC.NoSignal);
            return count >= 0 ? count
                : IsTemporary() ? 0
                : Gone;
        }
    }

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;

    private static bool IsTemporary() => Marshal.GetLastPInvokeError() is LibC.TryAgain or LibC.Interrupted;

    private void Set(int level, int name, int value) =>
        _ = LibC.setsockopt(Descriptor, level, name, &value, sizeof(int));
}
