using System.Buffers.Binary;
using System.Net.Sockets;
using Calls.Media.Ice;

namespace Calls.Media.Shell;

/// <summary>Addresses as the kernel writes them on Linux: <c>sockaddr_in</c> and <c>sockaddr_in6</c>, and the control message that says which of our own addresses a datagram came to or is to come from (RFC 3542 section 6).</summary>
internal readonly struct WireAddress(AddressFamily family)
{
    private const ushort Ipv4Family = 2;
    private const ushort Ipv6Family = 10;
    private const int Ipv4Length = 16;
    private const int Ipv6Length = 28;

    private const int ControlHeader = 16; // struct cmsghdr: length, level, type
    private const int Ipv4Info = 12; // struct in_pktinfo: interface, local address, header's destination
    private const int Ipv6Info = 20; // struct in6_pktinfo: address, interface
    private const int Ipv4Level = 0;
    private const int Ipv6Level = 41;
    private const int Ipv4PacketInfo = 8; // IP_PKTINFO
    private const int Ipv6PacketInfo = 50; // IPV6_PKTINFO
    private const int Ipv6ReceivePacketInfo = 49; // IPV6_RECVPKTINFO

    /// <summary>Room for either family's address.</summary>
    public const int MaxLength = 32;

    /// <summary>Room for the control message, with its padding.</summary>
    public const int MaxControl = 40;

    private readonly bool _ipv6 = family == AddressFamily.InterNetworkV6;

    /// <summary>Length of the socket's addresses.</summary>
    public int Length => _ipv6 ? Ipv6Length : Ipv4Length;

    /// <summary>Length of the control message that goes with a datagram, padding included.</summary>
    public int ControlLength => ControlHeader + ((_ipv6 ? Ipv6Info : Ipv4Info) + 7 & ~7);

    /// <summary>Asks the kernel to tell with each datagram to which address it came.</summary>
    public void Ask(Socket socket)
    {
        ReadOnlySpan<byte> yes = [1, 0, 0, 0];
        if (_ipv6)
        {
            socket.SetRawSocketOption(Ipv6Level, Ipv6ReceivePacketInfo, yes);
        }
        else
        {
            socket.SetRawSocketOption(Ipv4Level, Ipv4PacketInfo, yes);
        }
    }

    /// <summary>What a receive call has filled in.</summary>
    public NetworkPath Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> control)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        if (!_ipv6)
        {
            return new NetworkPath(
                TransportAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..]), port),
                Has(control, Ipv4Level, Ipv4PacketInfo, Ipv4Info)
                    ? TransportAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(control[(ControlHeader + 8)..]), 0)
                    : default
            );
        }
        var scope = BinaryPrimitives.ReadUInt32LittleEndian(name[24..]);
        return new NetworkPath(
            Ipv6(name[8..], scope, port),
            Has(control, Ipv6Level, Ipv6PacketInfo, Ipv6Info) ? Ipv6(control[ControlHeader..], 0, 0) : default
        );
    }

    /// <summary>What a send call wants to know.</summary>
    /// <returns>How long the control message is: 0 when the kernel is to choose our address.</returns>
    public int Write(NetworkPath path, Span<byte> name, Span<byte> control)
    {
        var (remote, local) = path;
        BinaryPrimitives.WriteUInt16LittleEndian(name, _ipv6 ? Ipv6Family : Ipv4Family);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], remote.Port);
        if (_ipv6)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(name[4..], 0);
            WriteIpv6(name[8..], remote);
            BinaryPrimitives.WriteUInt32LittleEndian(name[24..], remote.Scope);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(name[4..], (uint)remote.Low);
            name[8..Ipv4Length].Clear();
        }
        return local == default ? 0 : WriteControl(local, control);
    }

    private int WriteControl(TransportAddress local, Span<byte> control)
    {
        control[..ControlLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(control, (ulong)(ControlHeader + (_ipv6 ? Ipv6Info : Ipv4Info)));
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], _ipv6 ? Ipv6Level : Ipv4Level);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], _ipv6 ? Ipv6PacketInfo : Ipv4PacketInfo);
        // The interface stays 0: routing chooses it.
        if (_ipv6)
        {
            WriteIpv6(control[ControlHeader..], local);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(control[(ControlHeader + 4)..], (uint)local.Low);
        }
        return ControlLength;
    }

    private static bool Has(ReadOnlySpan<byte> control, int level, int type, int size) =>
        control.Length >= ControlHeader + size
        && BinaryPrimitives.ReadInt32LittleEndian(control[8..]) == level
        && BinaryPrimitives.ReadInt32LittleEndian(control[12..]) == type;

    private static TransportAddress Ipv6(ReadOnlySpan<byte> bytes, uint scope, ushort port) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), scope, port);

    private static void WriteIpv6(Span<byte> bytes, TransportAddress address)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], address.Low);
    }
}
