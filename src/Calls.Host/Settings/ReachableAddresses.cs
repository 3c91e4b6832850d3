using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Calls.Host.Settings;

/// <summary>Where clients are told to send their media.</summary>
internal static class ReachableAddresses
{
    /// <summary>The configured addresses, which need not be an interface's (a NAT in front has others), or else every interface's own.</summary>
    public static IReadOnlyList<IPAddress> Of(MediaSettings settings) =>
        settings.Addresses.Count > 0
            ? settings.Addresses
            :
            [
                .. NetworkInterface
                    .GetAllNetworkInterfaces()
                    .Where(i =>
                        i.OperationalStatus == OperationalStatus.Up
                        || i.NetworkInterfaceType == NetworkInterfaceType.Loopback
                    )
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                    .Select(a => a.Address)
                    .Where(a => IsFound(a, settings.AnnounceLoopback))
                    .Distinct(),
            ];

    /// <summary>Whether an interface's address is announced by itself: link-local ones are of no use to anybody elsewhere, and loopback is in Development only.</summary>
    public static bool IsFound(IPAddress address, bool loopbackToo) =>
        CanBeAnnounced(address) && !IsIpv4LinkLocal(address) && (loopbackToo || !IPAddress.IsLoopback(address));

    /// <summary>Whether a client could send there. A link-local IPv6 address means nothing without the name of an interface of the client's own, which no offer can give.</summary>
    public static bool CanBeAnnounced(IPAddress address) =>
        address.AddressFamily switch
        {
            AddressFamily.InterNetwork => address.GetAddressBytes()[0] is > 0 and < 224, // no multicast, no broadcast
            AddressFamily.InterNetworkV6 => !address.Equals(IPAddress.IPv6Any)
                && !address.IsIPv6LinkLocal
                && !address.IsIPv6Multicast
                && !address.IsIPv4MappedToIPv6,
            _ => false,
        };

    // RFC 3927
    private static bool IsIpv4LinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];
}
