namespace Calls.Host.Settings;

/// <summary>The command line: settings as <c>--calls.media.port 7</c> or <c>--calls:media:port=7</c>, and what the web server itself knows.</summary>
/// <param name="HostArguments">The options in the form that .NET's configuration reads.</param>
/// <param name="ConfigFile">What <c>--config</c> names, or null.</param>
/// <param name="Help">Whether <c>--help</c> was asked.</param>
/// <param name="Errors">What was not understood.</param>
public sealed record CommandLine(
    string[] HostArguments,
    string? ConfigFile,
    bool Help,
    IReadOnlyList<SettingError> Errors
)
{
    private const string Prefix = "--";

    // What ASP.NET Core reads by itself; anything else is a slip that would go unnoticed.
    private static readonly string[] HostOptions =
    [
        "urls",
        "http_ports",
        "https_ports",
        "environment",
        "contentRoot",
        "webroot",
        "applicationName",
        "allowedHosts",
    ];
    private static readonly string[] HostSections = ["logging", "kestrel"];

    /// <summary>Reads the arguments; never throws.</summary>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var host = new List<string>();
        var errors = new List<SettingError>();
        string? file = null;
        var help = false;
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--help" or "-h" or "-?")
            {
                help = true;
                continue;
            }
            if (!args[i].StartsWith(Prefix, StringComparison.Ordinal) || args[i].Length == Prefix.Length)
            {
                errors.Add(new(args[i], "is no option; --help lists them all"));
                continue;
            }
            var (name, value) = Split(args[i]);
            if (value is null && i + 1 < args.Count && !args[i + 1].StartsWith(Prefix, StringComparison.Ordinal))
                value = args[++i];
            if (value is null)
                errors.Add(new($"--{name}", $"has no value; write --{name}=VALUE"));
            else if (name == "config")
                file = value;
            else if (IsKnown(name))
                host.Add($"--{name.Replace('.', ':')}={value}");
            else
                errors.Add(
                    new($"--{name}", $"there is no such option; --help lists them all{UnknownKeys.Suggest(name)}")
                );
        }
        return new([.. host], file, help, errors);
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument[2..], null) : (argument[2..equals], argument[(equals + 1)..]);
    }

    // Which settings exist is UnknownKeys' business: here it is enough that it claims to be one.
    private static bool IsKnown(string name)
    {
        var first = name.Split('.', ':')[0];
        return Is(first, "calls")
            || HostSections.Any(section => Is(first, section))
            || HostOptions.Any(option => Is(name, option));
    }

    private static bool Is(string given, string name) => string.Equals(given, name, StringComparison.OrdinalIgnoreCase);
}
