using System.Buffers.Binary;
using System.Text;
using Calls.Media.Sfu;

namespace Calls.Fuzz.Capture;

/// <summary>Makes the corpus of what <c>capture.sh</c> has captured.</summary>
internal static class CorpusImport
{
    /// <summary>Reads the folder of a capture and writes the corpus anew.</summary>
    public static CorpusWriter Run(string captured, string corpus)
    {
        if (Directory.Exists(corpus))
        {
            foreach (var old in Directory.GetFiles(corpus, "*-??.*", SearchOption.AllDirectories))
            {
                File.Delete(old);
            }
        }
        var writer = new CorpusWriter(corpus);
        foreach (var file in Directory.GetFiles(captured, "*.pcap").Order(StringComparer.Ordinal))
        {
            var client = Path.GetFileNameWithoutExtension(file);
            var pcap = new Pcap(file);
            TakeDatagrams(pcap, client, writer);
            foreach (var (_, stream) in pcap.Streams())
            {
                TakeStream(stream, client, writer);
            }
        }
        foreach (var line in File.ReadLines(Path.Combine(captured, "werift.txt")))
        {
            TakePlain("werift", Convert.FromHexString(line), writer);
        }
        foreach (var line in File.ReadLines(Path.Combine(captured, "chromium.log"), Encoding.Latin1))
        {
            // "O 00:00:41.980 0000 90 ef … # RTP_DUMP", and "I" before what it has received.
            if (line.StartsWith("O ", StringComparison.Ordinal) && line.Contains("RTP_DUMP", StringComparison.Ordinal))
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..];
                var bytes = words.TakeWhile(word => word is [_, _] && word.All(char.IsAsciiHexDigit));
                TakePlain("chromium", Convert.FromHexString(string.Concat(bytes)), writer);
            }
        }
        return writer;
    }

    // Media's ports are those at which STUN was seen.
    private static void TakeDatagrams(Pcap pcap, string client, CorpusWriter writer)
    {
        var ports = pcap.Datagrams.Where(each => IsStun(each.Bytes)).Select(each => each.Flow).ToHashSet();
        foreach (var (flow, bytes) in pcap.Datagrams.Where(each => ports.Contains(each.Flow)))
        {
            switch (Demultiplexer.Classify(bytes))
            {
                case PacketKind.Stun when IsStun(bytes):
                    writer.Add("stun", client, $"{bytes[0]}{bytes[1]} {bytes.Length}", bytes);
                    break;
                case PacketKind.Dtls:
                    writer.Add("dtls", client, $"{bytes[0]} {bytes.Length}", bytes);
                    break;
                case PacketKind.Rtp:
                    writer.Add("srtp", client, $"{bytes[0]} {bytes[1]} {bytes.Length / 8}", bytes);
                    break;
                case PacketKind.Rtcp:
                    writer.Add("srtcp", client, $"{bytes[0]} {bytes[1]} {bytes.Length}", bytes);
                    break;
            }
        }
    }

    private static void TakePlain(string client, byte[] packet, CorpusWriter writer)
    {
        var isRtcp = Demultiplexer.Classify(packet) == PacketKind.Rtcp;
        var shape = isRtcp ? string.Join(' ', RtcpTypes(packet)) : $"{packet[0]} {packet[1]} {packet.Length / 16}";
        writer.Add(isRtcp ? "rtcp" : "rtp", client, shape, packet);
    }

    private static List<string> RtcpTypes(byte[] compound)
    {
        var types = new List<string>();
        for (var at = 0; at + 4 <= compound.Length; )
        {
            var words = BinaryPrimitives.ReadUInt16BigEndian(compound.AsSpan(at + 2));
            types.Add($"{compound[at + 1]}:{compound[at] & 31}:{words}");
            at += 4 * (words + 1);
        }
        return types;
    }

    // What clients send begins with a request of HTTP, or with a framed check.
    private static void TakeStream(byte[] stream, string client, CorpusWriter writer)
    {
        if (stream.Length > 22 && IsStun(stream.AsSpan(2)) && BinaryPrimitives.ReadUInt16BigEndian(stream) < 200)
        {
            writer.Add("framing", client, $"{stream.Length / 512}", stream.AsSpan(0, Math.Min(stream.Length, 6_000)));
        }
        else if (stream.AsSpan().StartsWith("GET /ws"u8))
        {
            var body = stream.AsSpan(HeadLength(stream));
            writer.Add("websocket", client, $"{body.Length / 256}", body);
            WebSocketTexts.Take(body, client, writer);
        }
        else
        {
            HttpBodies.Take(stream, client, writer);
        }
    }

    private static bool IsStun(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 20 && bytes[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) == 0x2112_A442;

    internal static int HeadLength(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOf("\r\n\r\n"u8);
        return end < 0 ? request.Length : end + 4;
    }
}
