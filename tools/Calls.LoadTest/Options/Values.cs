using System.Globalization;
using Calls.Media.Srtp;

namespace Calls.LoadTest.Options;

/// <summary>Reads the values of options; each says in words what is allowed.</summary>
internal static class Values
{
    /// <summary>Most members of a channel, as the service has it.</summary>
    public const int MaxMembers = 25;

    public const string SizeWords = "a number of members from 2 to 25, or a range of them as 2..10";
    public const string RateWords = "calls a second as 20/s, or a minute as 90/m";
    public const string DurationWords = "a time as 500ms, 60s, 5m or 1h";
    public const string ShareWords = "a share as 1% or 0.01";
    public const string ProfileWords = "gcm128, gcm256 or cm80";

    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    public static bool TrySize(string text, out (int Min, int Max) size)
    {
        var parts = text.Split("..");
        size = default;
        if (parts.Length > 2 || !TryWhole(parts[0], out size.Min) || !TryWhole(parts[^1], out size.Max))
            return false;
        return size.Min >= 2 && size.Min <= size.Max && size.Max <= MaxMembers;
    }

    public static bool TryRate(string text, out double perSecond)
    {
        var unit =
            text.EndsWith("/m", StringComparison.Ordinal) ? 60
            : text.EndsWith("/s", StringComparison.Ordinal) ? 1
            : 0;
        perSecond = 0;
        if (unit == 0 || !TryNumber(text[..^2], out var count))
            return false;
        perSecond = count / unit;
        return perSecond > 0;
    }

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, unit) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            // A day is enough for anybody, and far from what a TimeSpan cannot hold.
            if (!TryNumber(text[..^suffix.Length], out var count) || count > TimeSpan.FromDays(1) / unit)
                return false;
            duration = count * unit;
            return duration > TimeSpan.Zero;
        }
        return false;
    }

    public static bool TryShare(string text, out double share)
    {
        var percent = text.EndsWith('%');
        if (!TryNumber(percent ? text[..^1] : text, out share))
            return false;
        share = percent ? share / 100 : share;
        return share <= 1;
    }

    public static bool TryProfile(string text, out SrtpProfile? profile)
    {
        profile = text switch
        {
            "gcm128" => SrtpProfile.AeadAes128Gcm,
            "gcm256" => SrtpProfile.AeadAes256Gcm,
            "cm80" => SrtpProfile.Aes128CmSha1Tag80,
            _ => null,
        };
        return profile is not null;
    }

    public static bool TryUrl(string text, out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "http" or "https";

    private static bool TryWhole(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
