using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Calls.Fuzz.Capture;

/// <summary>Who sends to whom.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Flow(uint From, ushort FromPort, uint To, ushort ToPort);

/// <summary>What tcpdump wrote of this machine's own traffic: the datagrams in their order, and what went over each TCP connection each way.</summary>
internal sealed class Pcap
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const int Ethernet = 14;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Syn = 2;

    private readonly Dictionary<Flow, Dictionary<uint, byte[]>> _segments = [];
    private readonly Dictionary<Flow, uint> _starts = [];

    public Pcap(string path)
    {
        var file = File.ReadAllBytes(path);
        if (BinaryPrimitives.ReadUInt32LittleEndian(file) != 0xA1B2_C3D4 || file[20] != 1)
        {
            throw new InvalidDataException($"{path}: not a pcap file of Ethernet packets");
        }
        for (var at = FileHeader; at + RecordHeader <= file.Length; )
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            at += RecordHeader;
            if (at + length > file.Length)
            {
                break; // tcpdump was stopped in the middle of it
            }
            Take(file.AsSpan(at, length));
            at += length;
        }
    }

    /// <summary>UDP.</summary>
    public List<(Flow Flow, byte[] Bytes)> Datagrams { get; } = [];

    /// <summary>TCP, one way each, from the beginning to the first byte that is not there.</summary>
    public IEnumerable<(Flow Flow, byte[] Bytes)> Streams() =>
        _segments.Where(entry => _starts.ContainsKey(entry.Key)).Select(entry => (entry.Key, Join(entry.Key)));

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < Ethernet + 20 || frame[Ethernet] >> 4 != 4)
        {
            return;
        }
        var packet = frame[Ethernet..];
        packet = packet[..Math.Min(packet.Length, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]))];
        var (from, to) = (
            BinaryPrimitives.ReadUInt32BigEndian(packet[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[16..])
        );
        var body = packet[((packet[0] & 0x0F) * 4)..];
        if (body.Length < 8)
        {
            return;
        }
        var flow = new Flow(
            from,
            BinaryPrimitives.ReadUInt16BigEndian(body),
            to,
            BinaryPrimitives.ReadUInt16BigEndian(body[2..])
        );
        if (packet[9] == Udp)
        {
            Datagrams.Add((flow, body[8..].ToArray()));
        }
        else if (packet[9] == Tcp && body.Length >= 20)
        {
            TakeSegment(flow, body);
        }
    }

    private void TakeSegment(Flow flow, ReadOnlySpan<byte> segment)
    {
        var number = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        if ((segment[13] & Syn) != 0)
        {
            _starts[flow] = number + 1;
            _segments[flow] = [];
        }
        var bytes = segment[((segment[12] >> 4) * 4)..];
        if (!bytes.IsEmpty && _segments.TryGetValue(flow, out var segments))
        {
            segments[number] = bytes.ToArray();
        }
    }

    private byte[] Join(Flow flow)
    {
        var joined = new List<byte>();
        var next = _starts[flow];
        while (_segments[flow].TryGetValue(next, out var bytes))
        {
            joined.AddRange(bytes);
            next += (uint)bytes.Length;
        }
        return [.. joined];
    }
}
