using System.Reflection;
using System.Xml.Linq;

namespace Calls.Tidy;

public class LayerTests
{
    /// <summary>Which projects of ours each may know. Dependencies go one way, and nothing depends on the host.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new(StringComparer.Ordinal)
    {
        ["Calls.Protocol"] = [],
        ["Calls.Actors"] = ["Calls.Protocol"],
        ["Calls.Media"] = [],
        ["Calls.Host"] = ["Calls.Protocol", "Calls.Actors", "Calls.Media"],
        ["Calls.Caller"] = ["Calls.Protocol", "Calls.Media"],
        ["Calls.LoadTest"] = ["Calls.Protocol", "Calls.Media", "Calls.Caller"],
    };

    private static IEnumerable<RepositoryFile> Projects =>
        Repository.WithExtension(".csproj").Where(file => file.Path.Split('/')[0] is "src" or "tools");

    private static string NameOf(RepositoryFile project) => Path.GetFileNameWithoutExtension(project.Path);

    private static IEnumerable<string> Includes(RepositoryFile project, string item) =>
        XDocument.Parse(project.Text).Descendants(item).Select(element => element.Attribute("Include")!.Value);

    private static IEnumerable<string> References(string project) =>
        Assembly.Load(project).GetReferencedAssemblies().Select(reference => reference.Name!);

    [Fact]
    public void Every_project_has_its_place_in_the_layers() =>
        Projects
            .Select(NameOf)
            .Except(MayKnow.Keys, StringComparer.Ordinal)
            .ShouldBeNone("Add these to MayKnow, with what they may know:");

    [Fact]
    public void Projects_refer_only_to_layers_below_them() =>
        Projects
            .SelectMany(
                project => Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)),
                (project, reference) => (From: NameOf(project), To: reference)
            )
            .Where(edge => !MayKnow[edge.From].Contains(edge.To, StringComparer.Ordinal))
            .Select(edge => $"{edge.From} → {edge.To}")
            .ShouldBeNone("A project refers to one it may not know:");

    [Fact]
    public void Assemblies_use_only_layers_below_them() =>
        Projects
            .Select(NameOf)
            .SelectMany(References, (from, to) => (From: from, To: to))
            .Where(edge => edge.To.StartsWith("Calls.", StringComparison.Ordinal))
            .Where(edge => !MayKnow[edge.From].Contains(edge.To, StringComparer.Ordinal))
            .Select(edge => $"{edge.From} → {edge.To}")
            .ShouldBeNone("An assembly uses one it may not know:");

    [Fact]
    public void Only_the_host_knows_the_web_framework() =>
        Projects
            .Select(NameOf)
            .Where(name => name != "Calls.Host")
            .SelectMany(References, (from, to) => (From: from, To: to))
            .Where(edge => edge.To.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            .Select(edge => $"{edge.From} → {edge.To}")
            .ShouldBeNone("A core must not know its web framework:");

    [Fact]
    public void The_protocol_is_pure() =>
        Includes(Repository.File("src/Calls.Protocol/Calls.Protocol.csproj"), "PackageReference")
            .ShouldBeNone("Calls.Protocol needs no packages:");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.File("Calls.slnx").Text;
        Repository
            .WithExtension(".csproj")
            .Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
            .Select(project => project.Path)
            .ShouldBeNone("Add these to Calls.slnx:");
    }

    [Fact]
    public void Package_versions_stand_in_one_file() =>
        Repository
            .WithExtension(".csproj", ".props", ".targets")
            .Where(file => file.Path != "Directory.Packages.props")
            .SelectMany(file => XDocument.Parse(file.Text).Descendants(), (file, element) => (file, element))
            .Where(found => found.element.Name.LocalName is "PackageReference" or "PackageVersion")
            .Where(found =>
                found.element.Attributes().Any(a => a.Name.LocalName.Contains("Version", StringComparison.Ordinal))
            )
            .Select(found => $"{found.file}: {found.element.Attribute("Include")?.Value}")
            .ShouldBeNone("Versions belong into Directory.Packages.props:");
}
