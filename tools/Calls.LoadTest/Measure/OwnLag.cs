namespace Calls.LoadTest.Measure;

/// <summary>Whether the load tester itself could not keep up, so that figures tell of it and not of the service.</summary>
/// <param name="IsBottleneck">Whether it could not.</param>
/// <param name="Why">In words.</param>
/// <param name="LateSeconds">Seconds in which it was late.</param>
internal sealed record OwnLag(bool IsBottleneck, string Why, int LateSeconds)
{
    /// <summary>Half a frame: packets that leave later than this come in bunches that no client sends.</summary>
    public const double MaxMediaLagMs = 10;

    /// <summary>Set-up times are of some tens of milliseconds: this would be most of one.</summary>
    public const double MaxSignallingLagMs = 100;

    /// <summary>A run may stumble in so many of its seconds, once for certain at the beginning.</summary>
    private const double MaxLateShare = 0.1;

    public static OwnLag Of(IReadOnlyList<Sample> samples)
    {
        var media = samples.Count(s => s.MediaLagP99Ms > MaxMediaLagMs);
        var signalling = samples.Count(s => s.SignallingLagMs > MaxSignallingLagMs);
        var late = samples.Count(s => s.MediaLagP99Ms > MaxMediaLagMs || s.SignallingLagMs > MaxSignallingLagMs);
        if (late <= Math.Max(1, samples.Count * MaxLateShare))
            return new OwnLag(false, "The load tester kept up with the load.", late);
        return new OwnLag(
            true,
            $"The load tester itself was the bottleneck: in {late} of {samples.Count} seconds it was late"
                + $" (its media by more than {MaxMediaLagMs:0} ms in {media}, its signalling by more than"
                + $" {MaxSignallingLagMs:0} ms in {signalling}). Give it more of the machine, or less load.",
            late
        );
    }
}
