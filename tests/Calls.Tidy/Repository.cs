using System.Reflection;

namespace Calls.Tidy;

/// <summary>One text file of the repository.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record RepositoryFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    public string Extension => System.IO.Path.GetExtension(Path);

    public IEnumerable<(int Number, string Text)> Lines => Text.Split('\n').Select((line, index) => (index + 1, line));

    public override string ToString() => Path;
}

/// <summary>What is kept in version control, read once.</summary>
public static class Repository
{
    /// <summary>Made by builds and runs; as in <c>.gitignore</c>.</summary>
    private static readonly string[] Generated =
    [
        "artifacts",
        "data",
        "node_modules",
        "TestResults",
        "bin",
        "obj",
        ".git",
        ".vs",
        ".idea",
    ];

    private static readonly string[] Binary = [".png", ".ico", ".opus", ".wav", ".ogg", ".mp3", ".woff2", ".bin"];

    public static string Root { get; } =
        Path.GetFullPath(
            typeof(Repository)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(attribute => attribute.Key == "RepositoryRoot")
                .Value!
        );

    public static IReadOnlyList<RepositoryFile> Files { get; } =
    [.. Find(Root).OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IEnumerable<RepositoryFile> WithExtension(params string[] extensions) =>
        Files.Where(file => extensions.Contains(file.Extension, StringComparer.Ordinal));

    public static RepositoryFile File(string path) => Files.First(file => file.Path == path);

    public static bool Exists(string path)
    {
        var full = Path.Combine(Root, path);
        return System.IO.File.Exists(full) || Directory.Exists(full);
    }

    public static bool IsGenerated(string path) =>
        path.Split('/').Any(part => Generated.Contains(part, StringComparer.Ordinal));

    private static IEnumerable<RepositoryFile> Find(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (!Binary.Contains(Path.GetExtension(path), StringComparer.Ordinal))
                yield return new(Path.GetRelativePath(Root, path).Replace('\\', '/'), System.IO.File.ReadAllText(path));
        }
        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            if (!IsGenerated(Path.GetFileName(child)))
            {
                foreach (var file in Find(child))
                    yield return file;
            }
        }
    }
}
