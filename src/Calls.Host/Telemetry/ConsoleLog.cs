using Microsoft.Extensions.Configuration.Memory;

namespace Calls.Host.Telemetry;

/// <summary>How the log looks unless .NET's logging configuration says otherwise: a line per message, with UTC time.</summary>
internal static class ConsoleLog
{
    private const string Formatter = "Logging:Console:FormatterName";
    private const string Options = "Logging:Console:FormatterOptions:";
    private const string Time = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <summary>Puts the defaults below everything else.</summary>
    public static void AddDefaults(ConfigurationManager configuration)
    {
        var isPlain = configuration[Formatter] is null or "simple";
        Dictionary<string, string?> defaults = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            [Formatter] = "simple",
            [$"{Options}UseUtcTimestamp"] = "true",
            // The plain formatter writes the level right behind it.
            [$"{Options}TimestampFormat"] = isPlain ? $"{Time} " : Time,
        };
        if (isPlain)
            defaults[$"{Options}SingleLine"] = "true";
        ((IConfigurationBuilder)configuration).Sources.Insert(
            0,
            new MemoryConfigurationSource { InitialData = defaults }
        );
    }

    /// <summary>A log of its own for what begins before the web application and lives as long as the process.</summary>
    public static ILoggerFactory Create(IConfiguration configuration) =>
        LoggerFactory.Create(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole());
}
