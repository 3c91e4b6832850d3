using System.Net;
using System.Net.Sockets;
using Calls.Media.Tcp;

namespace Calls.Media.Shell;

/// <summary>The port of all media, UDP and TCP. The TCP socket is also the lock: a second server would get the UDP port too, once it is opened with SO_REUSEPORT; a TCP port that is listened to it does not get.</summary>
internal sealed class MediaPort : IDisposable
{
    /// <summary>A receive call that gets nothing comes back after so long, to look after commands and deadlines.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(20);

    private const int AttemptsAtFreePort = 20; // a port that is free for TCP is hardly ever taken for UDP

    private MediaPort(Socket tcp, Socket udp)
    {
        Tcp = tcp;
        Udp = udp;
        Port = ((IPEndPoint)udp.LocalEndPoint!).Port;
    }

    /// <summary>The port's number.</summary>
    public int Port { get; }

    /// <summary>The socket for datagrams.</summary>
    public Socket Udp { get; }

    /// <summary>The socket that listens.</summary>
    public Socket Tcp { get; }

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
        Tcp.Dispose();
    }

    private static MediaPort OpenOnce(MediaOptions options)
    {
        var ipv6 = options.Addresses.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6);
        var tcp = NewSocket(ipv6, SocketType.Stream, ProtocolType.Tcp);
        var udp = NewSocket(ipv6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            tcp.Bind(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, options.Port));
            tcp.Listen(TcpLimits.Backlog);
            tcp.Blocking = false;
            udp.Bind(tcp.LocalEndPoint!);
            udp.ReceiveBufferSize = options.SocketBufferBytes;
            udp.SendBufferSize = options.SocketBufferBytes;
            udp.ReceiveTimeout = (int)LongestSleep.TotalMilliseconds;
            new WireAddress(udp.AddressFamily).Ask(udp);
            return new MediaPort(tcp, udp);
        }
        catch
        {
            tcp.Dispose();
            udp.Dispose();
            throw;
        }
    }

    private static Socket NewSocket(bool ipv6, SocketType type, ProtocolType protocol) =>
        ipv6
            ? new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true }
            : new Socket(AddressFamily.InterNetwork, type, protocol);
}
