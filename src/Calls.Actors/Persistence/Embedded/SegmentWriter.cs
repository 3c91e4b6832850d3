namespace Calls.Actors.Persistence.Embedded;

/// <summary>Writes commits to the end of a segment. After a failure nothing more is written until what it left has been cut off.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly ILogFile _file;

    private SegmentWriter(ILogFile file, long number, long length) => (_file, Number, Length) = (file, number, length);

    public long Number { get; }

    /// <summary>How much of the file is durable.</summary>
    public long Length { get; private set; }

    /// <summary>Goes on with a segment behind its first <paramref name="length"/> bytes; 0 begins it.</summary>
    public static SegmentWriter Open(LogFolder folder, long number, long length, Func<string, ILogFile> open)
    {
        var file = open(folder.SegmentPath(number));
        try
        {
            file.Truncate(length);
            if (length == 0)
            {
                file.Write(Frame.FileHeader(), 0);
                length = Frame.FileHeaderSize;
            }
            file.Flush();
            folder.Flush();
            return new SegmentWriter(file, number, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends a sealed frame; it is durable when this returns.</summary>
    public void Commit(ReadOnlySpan<byte> frame)
    {
        _file.Write(frame, Length);
        _file.Flush();
        Length += frame.Length;
    }

    /// <summary>Cuts off what a failed <see cref="Commit"/> may have left.</summary>
    public void Repair()
    {
        _file.Truncate(Length);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
