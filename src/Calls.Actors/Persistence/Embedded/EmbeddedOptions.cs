namespace Calls.Actors.Persistence.Embedded;

/// <summary>How the embedded store is kept.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>The folder (<c>calls.data.path</c>); made if it is not there. One process at a time.</summary>
    public required string Path { get; init; }

    /// <summary>A segment that has grown to this is replaced by a snapshot. Bounds the folder and the time that a start takes: 64 MiB replay in about a second.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Most operations that wait for the disk; one more is refused. A second's worth, for no caller waits longer gladly.</summary>
    public int QueueCapacity { get; init; } = 16_384;

    /// <summary>How long what is over is kept.</summary>
    public StoreOptions Store { get; init; } = new();
}
