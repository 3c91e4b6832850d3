namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// Writes down what stood in the segments before <paramref name="number"/>, and removes them. At each point between two
/// steps a crash leaves a folder that replays to the same: until the rename the segments count, from then on the snapshot.
/// </summary>
internal sealed class Snapshot(LogFolder folder, long number, List<Change> changes, EmbeddedSeams seams)
{
    /// <summary>Bytes in a frame, unless a single change has more.</summary>
    private const int FrameBytes = 1 << 20;

    public void Write()
    {
        var temporary = folder.TemporaryPath(number);
        using (var file = seams.OpenFile(temporary))
        {
            file.Truncate(0);
            WriteTo(file);
            seams.Step("snapshot written");
            file.Flush();
        }
        seams.Step("snapshot flushed");
        File.Move(temporary, folder.SnapshotPath(number), overwrite: true);
        seams.Step("snapshot renamed");
        folder.Flush();
        seams.Step("snapshot durable");
        folder.RemoveBefore(number);
        seams.Step("segments removed");
    }

    private void WriteTo(ILogFile file)
    {
        var header = Frame.FileHeader();
        file.Write(header, 0);
        var length = (long)header.Length;
        var commit = new Commit();
        foreach (var change in changes.Append(new SnapshotEnd()))
        {
            commit.Add(change);
            if (commit.Size < FrameBytes && change is not SnapshotEnd)
                continue;
            file.Write(commit.Seal(), length);
            length += commit.Size;
            commit.Clear();
        }
    }
}

/// <summary>Where tests take hold of the store.</summary>
internal sealed record EmbeddedSeams
{
    public Func<string, ILogFile> OpenFile { get; init; } = LogFile.Open;

    /// <summary>Told after each step that a crash could follow.</summary>
    public Action<string> Step { get; init; } = _ => { };
}
