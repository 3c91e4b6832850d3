using System.Buffers.Binary;

namespace Calls.Media.Dtls;

/// <summary>The outermost layer of DTLS 1.2 (RFC 6347 section 4.1): records in datagrams.</summary>
internal static class DtlsRecords
{
    public const int HeaderSize = 13;
    public const byte Handshake = 22;
    public const byte Alert = 21;

    private const byte ClientHello = 1;

    /// <summary>The length of the record that <paramref name="bytes"/> begin with, or 0 when there is no whole one.</summary>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize)
        {
            return 0;
        }
        var length = HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(bytes[11..]);
        return length <= bytes.Length ? length : 0;
    }

    /// <summary>Whether a datagram begins with a client's hello, or with a fragment of one (RFC 6347 section 4.2.2): all that begins a handshake.</summary>
    public static bool IsHello(ReadOnlySpan<byte> datagram) =>
        Length(datagram) > HeaderSize
        && datagram[0] == Handshake
        && Epoch(datagram) == 0
        && datagram[HeaderSize] == ClientHello;

    /// <summary>The record's epoch: 0 in the clear, 1 under the negotiated keys.</summary>
    public static int Epoch(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[3..]);

    /// <summary>Cuts a run of records into datagrams of at most <paramref name="mtu"/> bytes, each record whole.</summary>
    public static List<byte[]> Pack(ReadOnlySpan<byte> records, int mtu)
    {
        var datagrams = new List<byte[]>();
        while (records.Length > 0)
        {
            var size = 0;
            for (var next = Length(records); next > 0; next = Length(records[size..]))
            {
                if (size > 0 && size + next > mtu)
                {
                    break;
                }
                size += next;
            }
            if (size == 0)
            {
                throw new InvalidOperationException("OpenSSL wrote half a record");
            }
            datagrams.Add(records[..size].ToArray());
            records = records[size..];
        }
        return datagrams;
    }

    /// <summary>Whether a datagram holds a handshake record under the negotiated keys: a Finished, since nothing else of a handshake is encrypted here.</summary>
    public static bool HoldsFinished(ReadOnlySpan<byte> datagram)
    {
        for (var length = Length(datagram); length > 0; length = Length(datagram))
        {
            if (datagram[0] == Handshake && Epoch(datagram) == 1)
            {
                return true;
            }
            datagram = datagram[length..];
        }
        return false;
    }
}
