using Microsoft.Extensions.Configuration;

namespace Calls.Host.Settings;

/// <summary>Finds keys under <c>calls</c> that are no settings: a misspelt one would otherwise keep its default without a word.</summary>
internal static class UnknownKeys
{
    private const string Root = "calls";

    /// <summary>Most changed letters between a key and the one that was probably meant.</summary>
    private const int MaxDistance = 4;

    public static void Find(IConfiguration configuration, List<SettingError> errors) =>
        Visit(configuration.GetSection(Root), Root, Root, errors);

    /// <summary>What else <paramref name="key"/> may have been meant to be, as a phrase for a message; empty if nothing is near.</summary>
    public static string Suggest(string key)
    {
        var nearest = SettingTable.All.Select(row => row.Key).MinBy(known => Nearness(known, key));
        return nearest is not null && Nearness(nearest, key) <= MaxDistance ? $"; did you mean {nearest}?" : "";
    }

    /// <param name="section">Where it stands.</param>
    /// <param name="key">Its dotted key as given.</param>
    /// <param name="pattern">The same with <c>[]</c> for an entry's index, as in the table.</param>
    /// <param name="errors">Gets one error per unknown key.</param>
    private static void Visit(IConfigurationSection section, string key, string pattern, List<SettingError> errors)
    {
        var isSection = SettingTable.All.Any(row => Holds(pattern, row.Key));
        if (isSection && SettingTable.Find(pattern) is null && !string.IsNullOrEmpty(section.Value))
            errors.Add(new(key, $"{SettingError.Show(section.Value)} is not allowed; it holds other settings"));
        foreach (var child in section.GetChildren())
        {
            // Environment variables come in capitals; messages speak of keys as the file writes them.
            var name = child.Key.ToLowerInvariant();
            var (childKey, childPattern) = ($"{key}.{name}", $"{pattern}.{name}");
            var row = SettingTable.Find(childPattern);
            if (row is { Shape: SettingShape.Value })
                NoChildren(child, childKey, errors);
            else if (row is not null)
                VisitItems(row, child, childKey, errors);
            else if (!name.Contains('[') && SettingTable.All.Any(known => Holds(childPattern, known.Key)))
                Visit(child, childKey, childPattern, errors);
            else
                errors.Add(new(childKey, $"there is no such setting{Suggest(childPattern)}"));
        }
    }

    private static void VisitItems(Setting list, IConfigurationSection section, string key, List<SettingError> errors)
    {
        foreach (var item in section.GetChildren())
        {
            var itemKey = $"{key}.{item.Key}";
            if (!item.Key.All(char.IsAsciiDigit))
                errors.Add(new(itemKey, $"there is no such setting; {list.Key} is a list"));
            else if (list.Shape == SettingShape.Entries)
                Visit(item, itemKey, $"{list.Key}[]", errors);
            else
                NoChildren(item, itemKey, errors);
        }
    }

    private static void NoChildren(IConfigurationSection section, string key, List<SettingError> errors)
    {
        if (section.GetChildren().Any())
            errors.Add(new(key, "holds other settings or a list; one value is allowed"));
    }

    private static bool Holds(string section, string key) =>
        key.StartsWith($"{section}.", StringComparison.OrdinalIgnoreCase);

    /// <summary>The right name in the wrong section, or one's beginning, counts as near too, but a slip in the right one as nearer.</summary>
    private static int Nearness(string known, string given)
    {
        var elsewhere = (Distance(Last(known), Last(given)) * 2) + 2;
        var begun = known.StartsWith(given, StringComparison.OrdinalIgnoreCase) ? 2 : int.MaxValue;
        return Math.Min(Distance(known, given), Math.Min(elsewhere, begun));
    }

    private static string Last(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary>How many letters must be put in, left out or changed (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
