using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Calls.Host.Settings;

/// <summary>
/// <c>cluster.hocon</c>, in the subset of HOCON that is JSON with <c>//</c> comments, so that .NET's own JSON
/// configuration reads it as it is.
/// </summary>
public static class SettingsFile
{
    /// <summary>Looked for in the current directory, then beside the executable.</summary>
    public const string Name = "cluster.hocon";

    // Besides calls, the file may hold what ASP.NET Core itself reads.
    private static readonly string[] Sections = ["calls", "logging", "kestrel", "urls"];

    /// <summary>Puts the file below everything else in the configuration; says what is wrong with it.</summary>
    /// <param name="configuration">Holds the environment and the command line already; they override the file.</param>
    /// <param name="named">What <c>--config</c> names; it must exist. Null: the usual places, and no file is no error.</param>
    public static IReadOnlyList<SettingError> AddTo(IConfigurationBuilder configuration, string? named)
    {
        var path = named ?? FindUsual();
        if (path is null)
            return [];
        if (!File.Exists(path))
            return [new("--config", $"there is no file {SettingError.Show(path)}")];
        try
        {
            using var stream = File.OpenRead(path);
            var file = new ConfigurationBuilder().AddJsonStream(stream).Build();
            configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. file.AsEnumerable()] });
            return [.. file.GetChildren().Where(IsStranger).Select(c => Unknown(path, c.Key))];
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            return [new(path, $"cannot be read: {e.GetBaseException().Message}")];
        }
    }

    private static string? FindUsual() =>
        new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }
            .Select(folder => Path.Combine(folder, Name))
            .FirstOrDefault(File.Exists);

    private static bool IsStranger(IConfigurationSection section) =>
        !Sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase);

    private static SettingError Unknown(string path, string key) =>
        new(key, $"there is no such section ({path}); the settings stand under \"calls\"");
}
