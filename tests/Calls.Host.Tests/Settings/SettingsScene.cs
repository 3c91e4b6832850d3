using Calls.Host.Settings;
using Microsoft.Extensions.Configuration;

namespace Calls.Host.Tests.Settings;

/// <summary>Configurations from a few lines.</summary>
internal static class SettingsScene
{
    public const string SigningSecret = "0123456789abcdef0123456789abcdef";

    public const string HookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The settings of a development server that was told this much.</summary>
    public static SettingsResult Load(params (string Key, string? Value)[] given) => Load(Source(given));

    /// <summary>The same with several sources, the strongest last.</summary>
    public static SettingsResult Load(params IConfigurationSource[] sources) =>
        CallsSettings.Load(Build(sources), development: true, ["http://localhost:8080"]);

    public static SettingsResult LoadForProduction(params (string Key, string? Value)[] given) =>
        CallsSettings.Load(Build(Source(given)), development: false, ["http://localhost:8080"]);

    public static CallsSettings Good(params (string Key, string? Value)[] given)
    {
        var result = Load(given);
        result.Errors.ShouldBeEmpty();
        return result.Settings.ShouldNotBeNull();
    }

    /// <summary>The one error that this gives.</summary>
    public static SettingError Refused(params (string Key, string? Value)[] given)
    {
        var result = Load(given);
        result.Settings.ShouldBeNull();
        return result.Errors.ShouldHaveSingleItem();
    }

    public static IConfigurationSource Source(params (string Key, string? Value)[] given)
    {
        var pairs = given.ToDictionary(g => g.Key.Replace('.', ':'), g => g.Value, StringComparer.Ordinal);
        return new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = pairs };
    }

    public static IConfiguration Build(params IConfigurationSource[] sources)
    {
        var builder = new ConfigurationBuilder();
        foreach (var source in sources)
            builder.Add(source);
        return builder.Build();
    }
}
