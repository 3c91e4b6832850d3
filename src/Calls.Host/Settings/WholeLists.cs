using Microsoft.Extensions.Configuration;

namespace Calls.Host.Settings;

/// <summary>
/// .NET merges lists of several sources item by item: one address in an environment variable would replace the first of
/// the file's three and leave two. Here the strongest source that names a list gives all of it.
/// </summary>
internal static class WholeLists
{
    /// <summary>The configuration with each list of the table from one source.</summary>
    public static IConfiguration Of(IConfiguration configuration)
    {
        if (configuration is not IConfigurationRoot root)
            return configuration;
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in SettingTable.All.Where(row => !row.IsField))
        {
            if (row.Shape == SettingShape.Value)
                Copy(root.GetSection(row.Path()), values);
            else if (Owner(root, row.Path()) is { } owner)
                Copy(owner, row.Path(), values);
        }
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    private static IConfigurationProvider? Owner(IConfigurationRoot root, string path) =>
        root.Providers.LastOrDefault(p => p.TryGet(path, out _) || p.GetChildKeys([], path).Any());

    private static void Copy(IConfigurationProvider owner, string path, Dictionary<string, string?> values)
    {
        if (owner.TryGet(path, out var value))
            values[path] = value;
        foreach (var child in owner.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
            Copy(owner, $"{path}:{child}", values);
    }

    private static void Copy(IConfigurationSection section, Dictionary<string, string?> values)
    {
        if (section.Value is not null)
            values[section.Path] = section.Value;
    }
}
