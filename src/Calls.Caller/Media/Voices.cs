namespace Calls.Caller.Media;

/// <summary>Which tone is whose: what callers that decode sound hold it against.</summary>
public sealed class Voices
{
    private readonly IReadOnlyDictionary<string, double> _tones;
    private readonly double[] _distinct;

    /// <summary>The users' tones, by user id. Several users may have the same one.</summary>
    public Voices(IReadOnlyDictionary<string, double> tones)
    {
        _tones = tones;
        _distinct = [.. tones.Values.Distinct()];
    }

    /// <summary>Every tone that there is, once.</summary>
    internal ReadOnlySpan<double> All => _distinct;

    /// <summary>A user's tone, or null for a stranger.</summary>
    public double? Find(string userId) => _tones.TryGetValue(userId, out var hertz) ? hertz : null;
}

/// <summary>How closely a caller listens.</summary>
public enum Listening
{
    /// <summary>Every packet is decrypted, counted and timed, and its stamp says who speaks; nothing is decoded.</summary>
    Packets,

    /// <summary>The sound is decoded too, and its tone looked for: about five times as dear.</summary>
    Sound,
}
