using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Calls.Fuzz.Capture;

/// <summary>The messages in what a client sends over a WebSocket (RFC 6455 section 5.2), and the SDP answers in those.</summary>
internal static class WebSocketTexts
{
    private const int Text = 1;

    public static void Take(ReadOnlySpan<byte> stream, string client, CorpusWriter writer)
    {
        while (TryFrame(ref stream, out var opcode, out var payload))
        {
            if (opcode != Text)
            {
                continue;
            }
            using var message = JsonDocument.Parse(payload);
            var type = message.RootElement.GetProperty("type").GetString();
            writer.Add("request", client, $"{type} {payload.Length / 512}", payload);
            if (message.RootElement.TryGetProperty("sdp", out var sdp))
            {
                var text = sdp.GetString()!;
                writer.Add(
                    "sdp",
                    client,
                    $"{text.Split("m=").Length} {text.Length / 200}",
                    Encoding.UTF8.GetBytes(text)
                );
            }
            if (message.RootElement.TryGetProperty("token", out var token))
            {
                writer.Add("token", client, $"{token.GetString()!.Length}", Encoding.UTF8.GetBytes(token.GetString()!));
            }
        }
    }

    // Clients' frames are masked; none of these messages is in several.
    private static bool TryFrame(ref ReadOnlySpan<byte> stream, out int opcode, out byte[] payload)
    {
        (opcode, payload) = (0, []);
        if (stream.Length < 2)
        {
            return false;
        }
        opcode = stream[0] & 0x0F;
        long length = stream[1] & 0x7F;
        var head =
            2
            + (
                length == 126 ? 2
                : length == 127 ? 8
                : 0
            )
            + 4;
        if (stream.Length < head)
        {
            return false;
        }
        length =
            length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(stream[2..])
            : length == 127 ? BinaryPrimitives.ReadInt64BigEndian(stream[2..])
            : length;
        if (stream.Length < head + length)
        {
            return false;
        }
        payload = stream.Slice(head, (int)length).ToArray();
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= stream[head - 4 + (i % 4)];
        }
        stream = stream[(head + (int)length)..];
        return true;
    }
}
