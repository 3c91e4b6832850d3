using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Calls.Media.Stun;

/// <summary>Addresses in XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
internal static class StunAddress
{
    private const byte Ipv4Family = 1;
    private const byte Ipv6Family = 2;
    private const int MaxAddressLength = 16;

    /// <summary>Longest value, in bytes.</summary>
    public const int MaxLength = 4 + MaxAddressLength;

    public static int WriteXor(Span<byte> value, IPEndPoint endPoint, ReadOnlySpan<byte> transactionId)
    {
        var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        value[0] = 0;
        value[1] = address.AddressFamily == AddressFamily.InterNetwork ? Ipv4Family : Ipv6Family;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(endPoint.Port ^ (StunMessage.MagicCookie >> 16)));
        address.TryWriteBytes(value[4..], out var written);
        Mix(value.Slice(4, written), transactionId);
        return 4 + written;
    }

    public static bool TryReadXor(ReadOnlySpan<byte> value, ReadOnlySpan<byte> transactionId, out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (value.Length < 8 || value[1] != (value.Length == 8 ? Ipv4Family : Ipv6Family))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxAddressLength];
        bytes = bytes[..(value.Length - 4)];
        value[4..].CopyTo(bytes);
        Mix(bytes, transactionId);
        var port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (int)(StunMessage.MagicCookie >> 16);
        endPoint = new IPEndPoint(new IPAddress(bytes), port);
        return true;
    }

    private static void Mix(Span<byte> address, ReadOnlySpan<byte> transactionId)
    {
        Span<byte> mask = stackalloc byte[MaxAddressLength];
        BinaryPrimitives.WriteUInt32BigEndian(mask, StunMessage.MagicCookie);
        transactionId.CopyTo(mask[4..]);
        for (var i = 0; i < address.Length; i++)
        {
            address[i] ^= mask[i];
        }
    }
}
