using System.Globalization;
using System.Text;

namespace Calls.Fuzz.Capture;

/// <summary>The bodies of the requests in what a client sends over HTTP/1.1.</summary>
internal static class HttpBodies
{
    private static readonly string[] Methods = ["POST ", "PUT ", "PATCH ", "GET ", "DELETE "];

    public static void Take(ReadOnlySpan<byte> stream, string client, CorpusWriter writer)
    {
        while (!stream.IsEmpty)
        {
            var headLength = CorpusImport.HeadLength(stream);
            var head = Encoding.Latin1.GetString(stream[..headLength]);
            if (!Methods.Any(method => head.StartsWith(method, StringComparison.Ordinal)))
            {
                return;
            }
            var path = head.Split(' ')[1].Split('?')[0];
            var length = int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
            stream = stream[headLength..];
            // A page sends its JSON in one piece; a test's client in chunks, whose first holds all there is.
            var body = length > 0 ? stream[..Math.Min(length, stream.Length)] : default;
            if (!body.IsEmpty && body[0] == '{')
            {
                writer.Add("rest", client, $"{path} {body.Length / 16}", body);
            }
            if (Header(head, "Authorization") is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token])
            {
                writer.Add("token", client, $"{token.Length}", Encoding.UTF8.GetBytes(token));
            }
            if (Header(head, "Transfer-Encoding") is not null)
            {
                TakeChunk(path, stream, client, writer);
                return;
            }
            stream = stream[body.Length..];
        }
    }

    private static void TakeChunk(string path, ReadOnlySpan<byte> stream, string client, CorpusWriter writer)
    {
        var end = stream.IndexOf("\r\n"u8);
        if (
            end > 0
            && int.TryParse(stream[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)
            && length > 0
            && end + 2 + length <= stream.Length
        )
        {
            writer.Add("rest", client, $"{path} {length / 16}", stream.Slice(end + 2, length));
        }
    }

    private static string? Header(string head, string name)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
            {
                return line[(name.Length + 1)..].Trim();
            }
        }
        return null;
    }
}
