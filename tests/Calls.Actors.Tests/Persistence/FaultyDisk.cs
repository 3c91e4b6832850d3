using Calls.Actors.Persistence.Embedded;

namespace Calls.Actors.Tests.Persistence;

/// <summary>Files whose writes and flushes fail or wait when a test says so.</summary>
internal sealed class FaultyDisk
{
    public Func<bool> WriteFails { get; set; } = () => false;

    public Func<bool> FlushFails { get; set; } = () => false;

    public Func<bool> TruncateFails { get; set; } = () => false;

    public ManualResetEventSlim FlushGoesOn { get; } = new(true);

    public int Flushes { get; private set; }

    public ILogFile Open(string path) => new Faulty(this, LogFile.Open(path));

    private sealed class Faulty(FaultyDisk disk, ILogFile file) : ILogFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (disk.WriteFails())
            {
                file.Write(bytes[..(bytes.Length / 2)], offset); // a full disk takes what fits
                throw new IOException("No space left on device");
            }
            file.Write(bytes, offset);
        }

        public void Flush()
        {
            disk.Flushes++;
            disk.FlushGoesOn.Wait();
            if (disk.FlushFails())
                throw new IOException("Input/output error");
            file.Flush();
        }

        public void Truncate(long length)
        {
            if (disk.TruncateFails())
                throw new IOException("Input/output error");
            file.Truncate(length);
        }

        public void Dispose() => file.Dispose();
    }
}
