using Microsoft.Extensions.Configuration;

namespace Calls.Host.Settings;

/// <summary>Takes settings of the table out of a configuration, and notes what is wrong with them.</summary>
internal sealed class SettingsReader(IConfiguration configuration, List<SettingError> errors)
{
    private readonly IConfiguration _configuration = WholeLists.Of(configuration);

    /// <summary>The value, its default if none is given, or some value beside an error.</summary>
    public T Get<T>(Setting<T> setting, int? index = null)
    {
        var given = _configuration[setting.Path(index)];
        if (!setting.Rule.TryRead(given ?? setting.Default, out var value))
            errors.Add(SettingError.BadValue(setting, setting.Indexed(index), given ?? ""));
        else if (setting.NotYet is not null && given is not null && given != setting.Default)
            errors.Add(SettingError.NotYet(setting, given));
        return value;
    }

    /// <summary>The list's good values, each with the key that it stands at.</summary>
    public IReadOnlyList<(string Key, T Value)> GetList<T>(Setting<T> setting, int? index = null)
    {
        var list = new List<(string, T)>();
        foreach (var (key, text) in Items(setting, index))
        {
            if (setting.Rule.TryRead(text, out var value))
                list.Add((key, value));
            else
                errors.Add(SettingError.BadValue(setting, key, text));
        }
        return list;
    }

    /// <summary>The indexes of a list of objects.</summary>
    public IReadOnlyList<int> Indexes(Setting setting)
    {
        var section = _configuration.GetSection(setting.Path());
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(SettingError.BadValue(setting, setting.Key, section.Value));
        return [.. Numbered(section).Select(item => int.Parse(item.Key))];
    }

    public void Refuse(string key, string problem) => errors.Add(new(key, problem));

    private IEnumerable<(string Key, string Text)> Items(Setting setting, int? index)
    {
        var section = _configuration.GetSection(setting.Path(index));
        var items = Numbered(section);
        if (items.Count > 0)
            return items.Select(item => ($"{setting.Indexed(index)}.{item.Key}", item.Value ?? ""));
        if (string.IsNullOrEmpty(section.Value))
            return [];
        string[] texts = setting.SplitsAtCommas
            ? section.Value.Split(',', StringSplitOptions.TrimEntries)
            : [section.Value];
        return texts.Select(text => (setting.Indexed(index), text));
    }

    /// <summary>A list's items; other keys there are <see cref="UnknownKeys"/>' business.</summary>
    private static IReadOnlyList<IConfigurationSection> Numbered(IConfigurationSection section) =>
        [.. section.GetChildren().Where(child => int.TryParse(child.Key, out var index) && index >= 0)];
}
