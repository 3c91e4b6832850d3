using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Calls.Media.Ice;

/// <summary>An IP address and a port as a value: a key that costs no allocation. IPv4 stands in its mapped form, so that an address is the same whichever socket it came in by.</summary>
/// <param name="High">The upper half of the address.</param>
/// <param name="Low">The lower half.</param>
/// <param name="Scope">The interface of a link-local IPv6 address, else 0.</param>
/// <param name="Port">The port.</param>
public readonly record struct TransportAddress(ulong High, ulong Low, uint Scope, ushort Port)
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>Whether it is an IPv4 address.</summary>
    public bool IsIpv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>From the four bytes of an IPv4 address, as a number.</summary>
    public static TransportAddress FromIpv4(uint address, ushort port) => new(0, MappedPrefix | address, 0, port);

    /// <summary>Makes one of an end point.</summary>
    public static TransportAddress From(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        var address = endPoint.Address;
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        return new TransportAddress(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            scope,
            (ushort)endPoint.Port
        );
    }

    /// <summary>The same as an end point, for where allocations do not matter.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return IsIpv4
            ? new IPEndPoint(new IPAddress(bytes[12..]), Port)
            : new IPEndPoint(new IPAddress(bytes, Scope), Port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();
}

/// <summary>A pair of ICE (RFC 8445 section 5.1.2.4): the client's address, and which of the server's own it speaks to. What is answered from another of them is dropped by the client.</summary>
/// <param name="Remote">The client's side.</param>
/// <param name="Local">The server's; its port is always the one of the socket, and left 0.</param>
public readonly record struct NetworkPath(TransportAddress Remote, TransportAddress Local)
{
    /// <summary>The number of the TCP connection (RFC 6544) that this is; 0 for UDP.</summary>
    public uint Connection { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Connection == 0 ? $"{Remote} at {Local}" : $"{Remote} by TCP";
}
