using System.Net;
using System.Net.Sockets;

namespace Calls.Media.Shell;

/// <summary>The UDP port of all media, and the TCP port of the same number that guards it.</summary>
internal sealed class MediaPort : IDisposable
{
    /// <summary>A receive call that gets nothing comes back after so long, to look after commands and deadlines.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(20);

    private const int AttemptsAtFreePort = 20; // a port that is free for TCP is hardly ever taken for UDP

    private readonly Socket _guard;

    private MediaPort(Socket guard, Socket udp)
    {
        _guard = guard;
        Udp = udp;
        Port = ((IPEndPoint)udp.LocalEndPoint!).Port;
    }

    /// <summary>The port's number.</summary>
    public int Port { get; }

    /// <summary>The socket.</summary>
    public Socket Udp { get; }

    /// <summary>Takes the port that the options ask for.</summary>
    /// <exception cref="MediaPortInUseException">Somebody has it.</exception>
    public static MediaPort Open(MediaOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OpenOnce(options);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                if (options.Port != 0 || attempt == AttemptsAtFreePort)
                {
                    throw new MediaPortInUseException(options.Port, taken);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Udp.Dispose();
        _guard.Dispose();
    }

    private static MediaPort OpenOnce(MediaOptions options)
    {
        var ipv6 = options.Addresses.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6);
        var guard = NewSocket(ipv6, SocketType.Stream, ProtocolType.Tcp);
        var udp = NewSocket(ipv6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // A second server would get the UDP port too, once it is opened with SO_REUSEPORT; a TCP port that is
            // listened to it does not get.
            guard.Bind(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, options.Port));
            guard.Listen(1);
            udp.Bind(guard.LocalEndPoint!);
            udp.ReceiveBufferSize = options.SocketBufferBytes;
            udp.SendBufferSize = options.SocketBufferBytes;
            udp.ReceiveTimeout = (int)LongestSleep.TotalMilliseconds;
            new WireAddress(udp.AddressFamily).Ask(udp);
            return new MediaPort(guard, udp);
        }
        catch
        {
            guard.Dispose();
            udp.Dispose();
            throw;
        }
    }

    private static Socket NewSocket(bool ipv6, SocketType type, ProtocolType protocol) =>
        ipv6
            ? new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true }
            : new Socket(AddressFamily.InterNetwork, type, protocol);
}
