using System.Text;

namespace Calls.Actors.Cluster;

/// <summary>Divides things among nodes so that all come to the same result without a word, and that little moves when a node goes (highest random weight).</summary>
internal static class Rendezvous
{
    /// <summary>The node for a thing; there must be at least one.</summary>
    public static string Choose(string thing, IEnumerable<string> nodes) =>
        nodes.MaxBy(node => (Weight(node, thing), node))!;

    /// <summary>FNV-1a with a final mix, the same on every node.</summary>
    private static ulong Weight(string node, string thing)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes($"{node}/{thing}"))
            hash = (hash ^ b) * 1099511628211UL;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}
