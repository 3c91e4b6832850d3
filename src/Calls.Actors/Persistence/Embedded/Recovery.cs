using System.Text.Json;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>What a crash left at the end of the log and the start cut off: written, but never acknowledged.</summary>
/// <param name="File">The segment.</param>
/// <param name="Offset">Where it was cut.</param>
/// <param name="Bytes">How much was cut.</param>
public sealed record TornTail(string File, long Offset, long Bytes);

/// <summary>What a folder held.</summary>
/// <param name="Tables">The replay of it.</param>
/// <param name="Segment">The segment to go on with; it may have to be made.</param>
/// <param name="Length">How much of that segment is sound.</param>
/// <param name="Torn">What stands behind that, or null.</param>
internal sealed record Recovered(Tables Tables, long Segment, long Length, TornTail? Torn);

/// <summary>Replays a folder: the newest snapshot, then the segments from its number on.</summary>
internal static class Recovery
{
    public static Recovered Replay(LogFolder folder, StoreOptions options)
    {
        var tables = new Tables(options);
        var first = 1L;
        if (folder.Snapshots() is [.., var newest])
        {
            ReadSnapshot(folder.SnapshotPath(newest), tables);
            first = newest;
        }
        var segments = folder.Segments().Where(n => n >= first).ToArray();
        for (var i = 0; i < segments.Length; i++)
            if (segments[i] != first + i)
                throw new StoreStartException($"{folder.SegmentPath(first + i)} is missing, and later ones are there.");
        if (segments.Length == 0 && first > 1)
            throw new StoreStartException(
                $"{folder.SegmentPath(first)} is missing: its snapshot says that it was there."
            );

        // A segment is begun when the one before is durable, but one that could not be begun for good (a full disk) may
        // be left behind without a record, while the one before was written on.
        var last = segments.LastOrDefault(n => n == first || HasRecords(folder.SegmentPath(n)), first);
        var recovered = new Recovered(tables, first, 0, null);
        foreach (var number in segments.Where(n => n <= last))
            recovered = ReadSegment(folder.SegmentPath(number), number, tables, isLast: number == last);
        return recovered;
    }

    private static bool HasRecords(string path) => new FileInfo(path).Length > Frame.FileHeaderSize;

    private static Recovered ReadSegment(string path, long number, Tables tables, bool isLast)
    {
        var bytes = File.ReadAllBytes(path);
        // The crash came before the header was on the disk, and so before the first commit.
        if (isLast && bytes.Length <= Frame.FileHeaderSize && Frame.CheckFileHeader(bytes) is not null)
            return new Recovered(tables, number, 0, bytes.Length == 0 ? null : new TornTail(path, 0, bytes.Length));
        var offset = ReadFrames(path, bytes, change => tables.Apply(change));
        if (offset == bytes.Length)
            return new Recovered(tables, number, offset, null);

        // A crash can tear the last commit only. What is damaged before others were written, or before the next segment
        // was begun, had been acknowledged: to go on would be to lose it silently.
        if (!isLast || FindFrame(bytes, offset + 1) is not null)
            throw new StoreStartException(
                $"{path} is damaged at offset {offset}: sound records follow, so this is no torn tail of a crash. "
                    + "Restore the folder from a backup."
            );
        return new Recovered(tables, number, offset, new TornTail(path, offset, bytes.Length - offset));
    }

    private static void ReadSnapshot(string path, Tables tables)
    {
        var bytes = File.ReadAllBytes(path);
        var whole = false;
        var offset = ReadFrames(
            path,
            bytes,
            change =>
            {
                whole = change is SnapshotEnd;
                tables.Apply(change);
            }
        );
        // It got its name only when it was on the disk as a whole.
        if (offset != bytes.Length || !whole)
            throw new StoreStartException($"{path} is damaged at offset {offset}. Restore the folder from a backup.");
    }

    /// <summary>Reads sound frames; gives the offset behind the last of them.</summary>
    private static int ReadFrames(string path, byte[] bytes, Action<Change> apply)
    {
        if (Frame.CheckFileHeader(bytes.AsSpan(0, Math.Min(bytes.Length, Frame.FileHeaderSize))) is { } wrong)
            throw new StoreStartException($"{path} {wrong}.");
        var offset = Frame.FileHeaderSize;
        while (Frame.TryRead(bytes.AsSpan(offset), out var length))
        {
            Parse(path, bytes, offset, length, apply);
            offset += Frame.HeaderSize + length;
        }
        return offset;
    }

    private static void Parse(string path, byte[] bytes, int offset, int length, Action<Change> apply)
    {
        var payload = bytes.AsSpan(offset + Frame.HeaderSize, length);
        try
        {
            foreach (var line in payload.Split((byte)'\n'))
                apply(JsonSerializer.Deserialize(payload[line], StoreJson.Default.Change)!);
        }
        catch (JsonException e)
        {
            // The CRC was right: it was written so, by software that knows more than this.
            throw new StoreStartException(
                $"{path} has a record at offset {offset} that is not understood: {e.Message}",
                e
            );
        }
    }

    private static int? FindFrame(byte[] bytes, int from)
    {
        for (var at = from; at <= bytes.Length - Frame.HeaderSize; at++)
            if (Frame.TryRead(bytes.AsSpan(at), out _))
                return at;
        return null;
    }
}
