using System.Text.RegularExpressions;

namespace Calls.Tidy;

/// <summary>What is given to operators names settings and metrics that exist.</summary>
public sealed partial class DeploymentTests
{
    [Fact]
    public void Every_setting_in_the_environment_of_a_deployment_is_one()
    {
        string[] files = ["docker-compose.yml", "deploy/kubernetes.yaml", "deploy/cluster.sh", "Dockerfile"];
        var table = Repository.File("src/Calls.Host/Settings/SettingTable.cs").Text;
        var lists = Repository.File("cluster.hocon").Text;
        var used = files
            .SelectMany(file => Variable().Matches(Repository.File(file).Text))
            .Select(m => m.Value)
            .ToHashSet();

        used.ShouldNotBeEmpty();
        used.Where(name => !IsKnown(name)).ShouldBeEmpty();

        bool IsKnown(string name)
        {
            var key = Index().Replace(name.Replace("__", ".", StringComparison.Ordinal), "").ToLowerInvariant();
            var parts = key.Split('.');
            return table.Contains($"\"{key}\"", StringComparison.Ordinal)
                || (
                    parts.Length == 3
                    && table.Contains($"\"{parts[0]}.{parts[1]}\"", StringComparison.Ordinal)
                    && lists.Contains($"\"{parts[2]}\"", StringComparison.Ordinal)
                );
        }
    }

    [Fact]
    public void Every_metric_of_the_dashboard_is_one_that_operators_are_told_of()
    {
        var known = Row()
            .Matches(Repository.File("docs/operations.md").Text)
            .Select(row => Exported(row.Groups["name"].Value, row.Groups["type"].Value, row.Groups["unit"].Value))
            .ToHashSet();
        var used = Metric()
            .Matches(Labels().Replace(Repository.File("deploy/grafana-dashboard.json").Text, ""))
            .Select(match => match.Groups["name"].Value)
            .ToHashSet();

        known.Count.ShouldBeGreaterThan(20);
        used.Count.ShouldBeGreaterThan(20);
        used.Where(name => !known.Contains(name) && !known.Contains(Suffix().Replace(name, ""))).ShouldBeEmpty();
    }

    /// <summary>A metric's name as a collector gives it to Prometheus: unit and kind stand in it.</summary>
    private static string Exported(string name, string type, string unit) =>
        name.Replace('.', '_')
        + unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => "_ratio",
            _ => "",
        }
        + (type == "counter" ? "_total" : "");

    [GeneratedRegex("CALLS__[A-Z0-9_]+", RegexOptions.None, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\.[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Index();

    [GeneratedRegex(
        @"^\| `(?<name>calls\.[a-z_.]+)` \| (?<type>[a-z -]+) \| `(?<unit>[^`]+)`",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        1000
    )]
    private static partial Regex Row();

    /// <summary>Labels of a selector or a grouping are no metrics.</summary>
    [GeneratedRegex(@"\{[^{}]*\}|by \([^)]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Labels();

    [GeneratedRegex(@"(?<name>calls_[a-z_]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();

    /// <summary>A histogram's parts.</summary>
    [GeneratedRegex("_(bucket|count|sum)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Suffix();
}
