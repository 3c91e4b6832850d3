using System.Net;
using System.Net.Sockets;

namespace Calls.Media;

/// <summary>How a <see cref="MediaServer"/> is set up. Checked at start.</summary>
public sealed record MediaOptions
{
    /// <summary>The port of all media, UDP and TCP; 0 takes a free one.</summary>
    public int Port { get; init; } = 7882;

    /// <summary>The number that clients reach the port by, where a NAT maps it to another; null for the same.</summary>
    public int? AnnouncedPort { get; init; }

    /// <summary>Where clients reach the port: what the offers announce, in the order of preference. With an IPv6 address among them the socket takes both families.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [IPAddress.Loopback];

    /// <summary>How long a session may send neither an authenticated packet nor a connectivity check before it counts as silent. Browsers check every 2.5 s (Chromium) to 6 s (Firefox, which sends reports in between).</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After how long without a turn of its loop (the process was frozen) the server asks before it goes on: another may have taken over its rooms. Null where there is no other.</summary>
    public TimeSpan? Standstill { get; init; }

    /// <summary>Forwarding threads. More than one is accepted and not used yet.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>DTLS handshakes that may be going on at once; further clients' hellos are dropped, and repeated by them. 256 are 115 ms of one core and 20 MB.</summary>
    public int MaxHandshakes { get; init; } = 256;

    /// <summary>How long a handshake may take; then it is given up, and the client may begin another. Twice what browsers wait for anything.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long new sessions are offered the same DTLS certificate; making one takes about a millisecond. Sessions keep theirs however long they last.</summary>
    public TimeSpan IdentityLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of the socket's buffers, each way: 4 MB hold 70 ms of what one core forwards at its most. The kernel may grant less (net.core.rmem_max).</summary>
    public int SocketBufferBytes { get; init; } = 4 * 1024 * 1024;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnnouncedPort ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AnnouncedPort ?? 1, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHandshakes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Silence, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Standstill ?? TimeSpan.MaxValue, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdentityLifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SocketBufferBytes, 1);
        if (Addresses.Count == 0 || Addresses.Any(address => !IsAnnounceable(address)))
        {
            throw new ArgumentException(
                "At least one address has to be announced, and none of them may be a wildcard or link-local IPv6."
            );
        }
    }

    private static bool IsAnnounceable(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
        && !address.Equals(IPAddress.Any)
        && !address.Equals(IPAddress.IPv6Any)
        && !address.IsIPv6LinkLocal;
}
