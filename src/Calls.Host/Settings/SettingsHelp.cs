using System.Text;

namespace Calls.Host.Settings;

/// <summary>What <c>--help</c> prints, from the same table that the parser reads.</summary>
public static class SettingsHelp
{
    /// <summary>The whole text, ending with a line feed.</summary>
    public static string Text()
    {
        var text = new StringBuilder(
            """
            Voice and video calls for the direct messages of a chat app.

            Usage: Calls.Host [--config PATH] [--urls http://HOST:PORT] [--calls.KEY VALUE]...

              --config PATH   read settings from PATH in place of cluster.hocon (looked for in the current directory,
                              then beside the executable)
              --urls URL      what to listen on; several are separated by ;
              --help          this text

            A setting is taken from the command line (--calls.media.port 7882 or --calls:media:port=7882), else from the
            environment (CALLS__MEDIA__PORT=7882), else from the file, else it has its default. The strongest source that
            names a list gives all of it. Items of lists are numbered: CALLS__AUTH__KEYS__0, --calls.ice_servers.0.urls.
            Durations are written as 500ms, 90s, 3m, 1h.

            Settings (default in brackets):


            """
        );
        var width = SettingTable.All.Max(row => row.Key.Length);
        foreach (var row in SettingTable.All)
            text.Append("  ").Append(row.Key.PadRight(width + 2)).Append(Describe(row)).Append('\n');
        return text.ToString();
    }

    private static string Describe(Setting row)
    {
        var ifNotGiven =
            row.Default.Length > 0 ? $"[{row.Default}] "
            : row.IsField ? ""
            : "[none] ";
        var notYet = row.NotYet is null ? "" : " (not available in this version)";
        return $"{ifNotGiven}{row.Help}{notYet}";
    }
}
