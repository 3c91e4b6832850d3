using System.Globalization;

namespace Calls.Fuzz.Capture;

/// <summary>Puts inputs into the corpus, of each shape one, and not too many of one protocol and client.</summary>
internal sealed class CorpusWriter(string folder)
{
    /// <summary>Inputs of one protocol and client: more of the same kind find nothing more.</summary>
    private const int Most = 16;

    /// <summary>Bytes: a longer one is cut, as the end of a stream is.</summary>
    private const int Longest = 8 * 1024;

    private readonly Dictionary<string, HashSet<string>> _shapes = [];

    private static bool IsText(string protocol) => protocol is "sdp" or "request" or "rest" or "token";

    /// <summary>How many there are now, by protocol and client.</summary>
    public IEnumerable<(string Kind, int Count)> Written =>
        _shapes.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.Count));

    /// <summary>Adds an input if there is none of its shape.</summary>
    /// <param name="protocol">The folder.</param>
    /// <param name="client">Of whom it was captured.</param>
    /// <param name="shape">What tells it from others that are worth keeping.</param>
    /// <param name="bytes">The input.</param>
    public void Add(string protocol, string client, string shape, ReadOnlySpan<byte> bytes)
    {
        var kind = $"{protocol}/{client}";
        if (!_shapes.TryGetValue(kind, out var shapes))
        {
            _shapes[kind] = shapes = [];
        }
        if (shapes.Count == Most || !shapes.Add(shape))
        {
            return;
        }
        var place = Path.Combine(folder, protocol);
        Directory.CreateDirectory(place);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{client}-{shapes.Count:00}.{(IsText(protocol) ? "txt" : "bin")}"
        );
        File.WriteAllBytes(Path.Combine(place, name), bytes[..Math.Min(bytes.Length, Longest)].ToArray());
    }
}
