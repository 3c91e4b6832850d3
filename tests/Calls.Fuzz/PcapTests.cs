using System.Buffers.Binary;
using Calls.Fuzz.Capture;

namespace Calls.Fuzz;

/// <summary>What tcpdump writes, as the import reads it.</summary>
public sealed class PcapTests : IDisposable
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    private readonly List<byte> _file = [.. Little(0xA1B2_C3D4), .. new byte[16], .. Little(1)];
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Datagrams_come_out_in_their_order_and_streams_in_one_piece_whatever_came_twice_or_late()
    {
        Add(Udp, [0x13, 0x88, 0x1E, 0xCA, 0, 11, 0, 0, 1, 2, 3]);
        Add(Tcp, Segment(100, syn: true));
        Add(Tcp, Segment(104, syn: false, 4, 5));
        Add(Udp, [0x13, 0x88, 0x1E, 0xCA, 0, 9, 0, 0, 7]);
        Add(Tcp, Segment(101, syn: false, 1, 2, 3));
        Add(Tcp, Segment(101, syn: false, 1, 2, 3));
        Add(Tcp, Segment(200, syn: false, 9)); // behind a hole
        File.WriteAllBytes(_path, [.. _file, 0, 0]); // stopped in the middle of a packet

        var pcap = new Pcap(_path);
        pcap.Datagrams.Select(each => each.Bytes)
            .ShouldBe([
                [1, 2, 3],
                [7],
            ]);
        pcap.Datagrams[0].Flow.ShouldBe(new Flow(0x7F00_0001, 5_000, 0x7F00_0002, 7_882));
        pcap.Streams().ShouldHaveSingleItem().Bytes.ShouldBe([1, 2, 3, 4, 5]);
    }

    private static byte[] Segment(uint number, bool syn, params byte[] bytes)
    {
        var segment = new byte[20];
        (segment[12], segment[13]) = (5 << 4, (byte)(syn ? 2 : 16));
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), number);
        return [.. segment, .. bytes];
    }

    private void Add(byte protocol, byte[] body)
    {
        var length = 20 + body.Length;
        byte[] ip =
        [
            0x45,
            0,
            (byte)(length >> 8),
            (byte)length,
            0,
            0,
            0,
            0,
            64,
            protocol,
            0,
            0,
            127,
            0,
            0,
            1,
            127,
            0,
            0,
            2,
        ];
        _file.AddRange([.. new byte[8], .. Little((uint)(14 + length)), .. Little((uint)(14 + length))]);
        _file.AddRange([.. new byte[14], .. ip, .. body]);
    }

    private static byte[] Little(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }
}
