using System.Reflection;
using System.Text.RegularExpressions;
using Calls.Host.Settings;

namespace Calls.Host.Tests.Settings;

public partial class SettingTableTests
{
    [Fact]
    public void Every_row_is_in_the_list() =>
        typeof(SettingTable)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null))
            .ShouldBe(SettingTable.All);

    [Fact]
    public void Keys_are_snake_case_and_used_once()
    {
        SettingTable.All.ShouldAllBe(row => KeyPattern().IsMatch(row.Key));
        SettingTable.All.Select(row => row.Key).ShouldBeUnique();
    }

    [Fact]
    public void The_help_names_every_setting_with_its_default()
    {
        var lines = SettingsHelp.Text().Split('\n');
        foreach (var row in SettingTable.All)
        {
            var line = lines.Where(l => l.StartsWith($"  {row.Key} ", StringComparison.Ordinal)).ShouldHaveSingleItem();
            line.ShouldContain(row.Help);
            if (row.Default.Length > 0)
                line.ShouldContain($"[{row.Default}]");
        }
    }

    [GeneratedRegex(
        @"^calls(\.[a-z_]+)+(\[\]\.[a-z_]+)?$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex KeyPattern();
}
