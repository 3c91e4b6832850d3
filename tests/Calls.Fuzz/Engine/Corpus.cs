using System.Reflection;

namespace Calls.Fuzz.Engine;

/// <summary>Inputs of one protocol, as they were captured of real clients, in an order that is always the same.</summary>
internal sealed class Corpus(IReadOnlyList<byte[]> entries)
{
    private readonly IReadOnlyList<byte[]> _entries =
        entries.Count > 0 ? entries : throw new ArgumentException("An empty corpus", nameof(entries));

    /// <summary>The fuzzer's folder in the repository.</summary>
    public static string Folder { get; } =
        typeof(Corpus)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(entry => entry.Key == "FuzzFolder")
            .Value!;

    public IReadOnlyList<byte[]> Entries => _entries;

    /// <summary>Reads a folder below <c>corpus</c>.</summary>
    public static Corpus Load(string name)
    {
        var files = Directory.GetFiles(Path.Combine(Folder, "corpus", name));
        Array.Sort(files, StringComparer.Ordinal);
        return new Corpus([.. files.Select(File.ReadAllBytes)]);
    }

    /// <summary>One of them, to be changed.</summary>
    public byte[] Pick(Random chance) => (byte[])_entries[chance.Next(_entries.Count)].Clone();
}
