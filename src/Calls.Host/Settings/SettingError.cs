namespace Calls.Host.Settings;

/// <summary>One thing that stops the start.</summary>
/// <param name="Key">The setting in dotted form, or the option or file it stands in.</param>
/// <param name="Problem">What was given and what is allowed; never holds a secret.</param>
public sealed record SettingError(string Key, string Problem)
{
    /// <summary>Longest part of a value that is shown; enough to recognise it by.</summary>
    private const int MaxShown = 80;

    public override string ToString() => $"{Key}: {Problem}";

    internal static SettingError BadValue(Setting setting, string key, string value) =>
        new(
            key,
            setting.IsSecret
                ? $"the value (not shown here) is not allowed; allowed is {setting.Allowed}"
                : $"{Show(value)} is not allowed; allowed is {setting.Allowed}"
        );

    /// <param name="setting">Belongs to a feature that this version lacks.</param>
    /// <param name="given">What was given as it may be shown.</param>
    internal static SettingError NotYet(Setting setting, string given) =>
        new(
            setting.Key,
            $"{Show(given)} is not allowed: {setting.NotYet} not available in this version; allowed is only the default, {Show(setting.Default)}"
        );

    /// <summary>A value as it may stand in a message: quoted, on one line, not too long.</summary>
    internal static string Show(string value)
    {
        var line = string.Concat(value.Take(MaxShown).Select(c => char.IsControl(c) ? '?' : c));
        return value.Length > MaxShown ? $"\"{line}…\"" : $"\"{line}\"";
    }
}
