namespace Calls.Host.Settings;

/// <summary>How a setting stands in the file.</summary>
public enum SettingShape
{
    /// <summary>One value.</summary>
    Value,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>A list of objects, whose fields are settings with <c>[]</c> in their key.</summary>
    Entries,
}

/// <summary>One row of <see cref="SettingTable"/>.</summary>
/// <param name="Key">In dotted form.</param>
/// <param name="Default">As it would be written; empty for an empty list.</param>
/// <param name="Allowed">In words, for error messages.</param>
/// <param name="Help">One line for <c>--help</c>.</param>
public abstract record Setting(string Key, string Default, string Allowed, string Help)
{
    public SettingShape Shape { get; init; }

    /// <summary>Never shown, not even when it is wrong.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The feature that this belongs to and "is" or "are", if this version does not have it: then only the default is accepted.</summary>
    public string? NotYet { get; init; }

    /// <summary>Whether a list may also be written as one text with commas, as in an environment variable.</summary>
    public bool SplitsAtCommas { get; init; }

    /// <summary>A field of the objects of a list, such as <c>calls.webhooks[].url</c>.</summary>
    public bool IsField => Key.Contains("[]", StringComparison.Ordinal);

    /// <summary>The key in the form of .NET's configuration, an entry's index in place of <c>[]</c>.</summary>
    internal string Path(int? index = null) => Indexed(index).Replace('.', ':');

    /// <summary>The dotted key for messages, an entry's index in place of <c>[]</c>.</summary>
    internal string Indexed(int? index) =>
        index is null ? Key : Key.Replace("[]", $".{index}", StringComparison.Ordinal);
}

/// <summary>A setting of a known type.</summary>
public sealed record Setting<T>(string Key, string Default, SettingRule<T> Rule, string Help)
    : Setting(Key, Default, Rule.Allowed, Help);

/// <summary>Reads one value; never throws.</summary>
public delegate bool TryRead<T>(string text, out T value);

/// <summary>What is allowed, in words and as code.</summary>
public sealed record SettingRule<T>(string Allowed, TryRead<T> TryRead);
