using System.Globalization;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// The names in a data folder. Segments are numbered without a gap; <c>snapshot-N</c> holds all that stands in the
/// segments before N, which may go once it is there.
/// </summary>
internal sealed class LogFolder : IDisposable
{
    /// <summary>The setting that names the folder.</summary>
    public const string Key = "calls.data.path";

    private const string Segment = "journal-";
    private const string Snapshot = "snapshot-";
    private const string Temporary = ".tmp";

    private readonly FileStream _lock;

    private LogFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Makes the folder if need be, and takes it for this process alone.</summary>
    public static LogFolder Take(string path)
    {
        try
        {
            path = System.IO.Path.GetFullPath(path);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(
                    path,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreStartException($"The folder {path} ({Key}) cannot be made: {e.Message}", e);
        }
        return new LogFolder(path, TakeLock(path));
    }

    public string SegmentPath(long number) => PathOf(Segment, number);

    public string SnapshotPath(long number) => PathOf(Snapshot, number);

    public string TemporaryPath(long number) => PathOf(Snapshot, number) + Temporary;

    /// <summary>The numbers of the segments that are there, ascending.</summary>
    public IReadOnlyList<long> Segments() => Numbers(Segment);

    /// <summary>The numbers of the snapshots that are there, ascending.</summary>
    public IReadOnlyList<long> Snapshots() => Numbers(Snapshot);

    /// <summary>Removes what the snapshot <paramref name="number"/> replaces, and what an interrupted one left. The order does not matter: each of these is superfluous by itself.</summary>
    public void RemoveBefore(long number)
    {
        foreach (var old in Segments().Where(n => n < number))
            File.Delete(SegmentPath(old));
        foreach (var old in Snapshots().Where(n => n < number))
            File.Delete(SnapshotPath(old));
        foreach (var left in Directory.GetFiles(Path, Snapshot + "*" + Temporary))
            File.Delete(left);
        Flush();
    }

    public void Flush() => LogFile.FlushFolder(Path);

    public void Dispose() => _lock.Dispose();

    private static FileStream TakeLock(string path)
    {
        try
        {
            // Held by the operating system for as long as the process lives: no stale lock after a crash.
            return new FileStream(
                System.IO.Path.Combine(path, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreStartException($"The folder {path} ({Key}) may not be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new StoreStartException(
                $"The folder {path} ({Key}) is in use by another process: each node needs a folder of its own.",
                e
            );
        }
    }

    private string PathOf(string kind, long number) =>
        System.IO.Path.Combine(Path, kind + number.ToString("D10", CultureInfo.InvariantCulture));

    private List<long> Numbers(string kind) =>
        [
            .. Directory
                .GetFiles(Path, kind + "*")
                .Select(file => System.IO.Path.GetFileName(file)[kind.Length..])
                .Where(number => long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(number => long.Parse(number, CultureInfo.InvariantCulture))
                .Order(),
        ];
}
