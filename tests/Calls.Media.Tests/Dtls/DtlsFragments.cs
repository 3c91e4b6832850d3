using System.Buffers.Binary;

namespace Calls.Media.Tests.Dtls;

/// <summary>Splits handshake messages as clients with large hellos do (RFC 6347 section 4.2.3), which OpenSSL does not do by itself at this size.</summary>
internal static class DtlsFragments
{
    private const int RecordHeader = 13;
    private const int MessageHeader = 12;

    public static IEnumerable<byte[]> Split(byte[] datagram, int mtu)
    {
        // Only a lone record in the clear is split: its fragments need record numbers of their own, and no keys.
        var body = datagram.Length - RecordHeader - MessageHeader;
        if (datagram.Length <= mtu || datagram[0] != 22 || datagram[4] != 0 || !IsLoneMessage(datagram))
        {
            yield return datagram;
            yield break;
        }
        var piece = mtu - RecordHeader - MessageHeader;
        for (int at = 0, number = 100; at < body; at += piece, number++)
        {
            var size = Math.Min(piece, body - at);
            var part = new byte[RecordHeader + MessageHeader + size];
            datagram.AsSpan(0, RecordHeader + MessageHeader).CopyTo(part);
            BinaryPrimitives.WriteUInt16BigEndian(part.AsSpan(9), (ushort)number);
            BinaryPrimitives.WriteUInt16BigEndian(part.AsSpan(11), (ushort)(MessageHeader + size));
            BinaryPrimitives.WriteUInt16BigEndian(part.AsSpan(RecordHeader + 7), (ushort)at);
            BinaryPrimitives.WriteUInt16BigEndian(part.AsSpan(RecordHeader + 10), (ushort)size);
            datagram.AsSpan(RecordHeader + MessageHeader + at, size).CopyTo(part.AsSpan(RecordHeader + MessageHeader));
            yield return part;
        }
    }

    private static bool IsLoneMessage(byte[] datagram) =>
        RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(11)) == datagram.Length;
}
