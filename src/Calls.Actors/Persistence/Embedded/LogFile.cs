using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>A file that is written at the end and forced to disk; a seam, so that tests can let the disk fail.</summary>
internal interface ILogFile : IDisposable
{
    /// <summary>Writes at <paramref name="offset"/>.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns when what was written is on the disk.</summary>
    void Flush();

    void Truncate(long length);
}

internal sealed partial class LogFile : ILogFile
{
    private readonly FileStream _file;

    private LogFile(FileStream file) => _file = file;

    /// <summary>Opens or makes a file that only its owner may read: secrets stand in it.</summary>
    public static ILogFile Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new LogFile(new FileStream(path, options));
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(Handle, bytes, offset);

    public void Flush() => RandomAccess.FlushToDisk(Handle);

    public void Truncate(long length) => RandomAccess.SetLength(Handle, length);

    public void Dispose() => _file.Dispose();

    /// <summary>Makes a folder's entries durable: a file that was made, renamed or removed is so only then. Windows does that by itself.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, flags: 0);
        if (descriptor < 0)
            throw new IOException($"cannot open the folder {path} (errno {Marshal.GetLastPInvokeError()})");
        var result = FSync(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
            throw new IOException($"cannot flush the folder {path} (errno {error})");
    }

    private SafeFileHandle Handle => _file.SafeFileHandle;

    // The class library opens no folders, so these three come from the system.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
