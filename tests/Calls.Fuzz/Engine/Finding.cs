namespace Calls.Fuzz.Engine;

/// <summary>What kind of fault a case has shown.</summary>
internal enum FindingKind
{
    /// <summary>An exception that came out, or something that must hold and did not.</summary>
    Thrown,

    /// <summary>More memory for one input than it may take.</summary>
    Allocation,

    /// <summary>More time for one input than it may take.</summary>
    Time,

    /// <summary>No end of one input.</summary>
    Hang,

    /// <summary>State that has outgrown its bound over many inputs.</summary>
    Growth,
}

/// <summary>A fault, and how to see it again.</summary>
/// <param name="Target">Which target.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Message">In words.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Case">Which of the run's cases, from 0; −1 when it was no made one.</param>
/// <param name="Input">The case.</param>
internal sealed record Finding(string Target, FindingKind Kind, string Message, int Seed, long Case, byte[] Input)
{
    public override string ToString() =>
        $"{Target}: {Kind} with case {Case} of seed {Seed} ({Input.Length} bytes): {Message}";
}
