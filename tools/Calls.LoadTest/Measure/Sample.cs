namespace Calls.LoadTest.Measure;

/// <summary>One second of a run.</summary>
internal sealed record Sample
{
    /// <summary>Its end, from the run's beginning, in seconds.</summary>
    public required double At { get; init; }

    public required int LiveCalls { get; init; }

    public required int Talking { get; init; }

    public required long Started { get; init; }

    public required long Rung { get; init; }

    public required long Joined { get; init; }

    public required int Errors { get; init; }

    /// <summary>Datagrams sent within it.</summary>
    public required long Sent { get; init; }

    /// <summary>RTP packets heard within it.</summary>
    public required long Received { get; init; }

    /// <summary>The share of packets lost within it, 0 to 1.</summary>
    public required double Loss { get; init; }

    public required double? DelayP50Ms { get; init; }

    public required double? DelayP99Ms { get; init; }

    public required double? DelayMaxMs { get; init; }

    /// <summary>How late the media thread of this tool was, p99.</summary>
    public required double? MediaLagP99Ms { get; init; }

    /// <summary>How late the signalling of this tool was, at most.</summary>
    public required double SignallingLagMs { get; init; }

    /// <summary>Cores that this tool used.</summary>
    public required double Cores { get; init; }

    /// <summary>Cores that the service used; null where it is not this tool's own.</summary>
    public required double? ServiceCores { get; init; }

    /// <summary>Memory of the service (resident), MiB; null likewise.</summary>
    public required double? ServiceMib { get; init; }
}
