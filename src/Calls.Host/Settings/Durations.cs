using System.Globalization;

namespace Calls.Host.Settings;

/// <summary>Durations as they are written in settings: a whole number and a unit, <c>500ms</c>, <c>90s</c>, <c>3m</c>, <c>1h</c>, <c>90d</c>.</summary>
public static class Durations
{
    // Longest suffix first, so that "ms" is not taken for "s".
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration; a number without a unit is none.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, unit) in Units)
        {
            if (text is null || !text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            var digits = text.AsSpan(0, text.Length - suffix.Length);
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return false;
            if (count > TimeSpan.MaxValue.Ticks / unit.Ticks)
                return false; // longer than a TimeSpan holds
            duration = TimeSpan.FromTicks(count * unit.Ticks);
            return true;
        }
        return false;
    }

    /// <summary>The shortest way to write it: in the largest unit that divides it.</summary>
    public static string Format(TimeSpan duration)
    {
        var (suffix, unit) = Units.OrderByDescending(u => u.Unit).First(u => duration.Ticks % u.Unit.Ticks == 0);
        return duration == TimeSpan.Zero ? "0s" : $"{duration.Ticks / unit.Ticks}{suffix}";
    }
}
