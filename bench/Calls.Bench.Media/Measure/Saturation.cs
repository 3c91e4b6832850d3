namespace Calls.Bench.Media.Measure;

/// <summary>The most that a server forwards in time and without loss.</summary>
/// <param name="Best">The step with the highest rate that was in order; null if not even the first one was.</param>
/// <param name="Refused">What came of the lowest rate that was not.</param>
internal sealed record Saturation(Round? Best, Round Refused)
{
    /// <summary>The delay from which sound is late: a packet's own 20 ms.</summary>
    public const double MaxDelay = 20_000; // microseconds

    private const double Factor = 1.25;
    private const int Halvings = 3;

    /// <summary>Who gave up: unless others took part of the cores, the generator if it could not keep up, else the server.</summary>
    public string Limit =>
        Refused.Noise > Round.MaxNoise ? "nobody: others disturbed"
        : Refused.IsGeneratorTheBottleneck ? "generator"
        : "server";

    public static bool IsInOrder(Round round) =>
        round is { Loss: 0, Wrong: 0, IsGeneratorTheBottleneck: false } && round.P99 < MaxDelay;

    /// <summary>Raises the rate by quarters until it is too much, then halves the step three times.</summary>
    /// <param name="first">Packets a second of each sender to begin with.</param>
    /// <param name="measure">Measures at a rate.</param>
    public static async Task<Saturation> Find(double first, Func<double, Task<Round>> measure)
    {
        var (low, high) = (0.0, first);
        Round? best = null;
        Round refused;
        while (true)
        {
            var round = await Try(high, measure);
            if (!IsInOrder(round))
            {
                refused = round;
                break;
            }
            (best, low) = (round, high);
            high *= Factor;
        }
        for (var i = 0; i < Halvings && best is not null; i++)
        {
            var middle = (low + high) / 2;
            var round = await Try(middle, measure);
            if (IsInOrder(round))
                (best, low) = (round, middle);
            else
                (refused, high) = (round, middle);
        }
        return new Saturation(best, refused);
    }

    // Twice, so that one stumble of the machine is not taken for the end.
    private static async Task<Round> Try(double rate, Func<double, Task<Round>> measure)
    {
        var round = await measure(rate);
        return IsInOrder(round) ? round : await measure(rate);
    }
}
