using Calls.Media.Ice;
using Calls.Media.Srtp;
using Calls.Media.Tcp;

namespace Calls.Media.Shell;

/// <summary>A client's TCP connection after its first valid check. The forwarding thread's own.</summary>
internal sealed class TcpConnection(TcpSocket socket, NetworkPath path)
{
    public TcpSocket Socket { get; } = socket;

    /// <summary>By which the core knows it.</summary>
    public NetworkPath Path { get; } = path;

    /// <summary>What has come.</summary>
    public FrameReader Incoming { get; } = new(SrtpLimits.MaxPacketLength);

    /// <summary>What is to go.</summary>
    public FrameQueue Outgoing { get; } = new();

    /// <summary>Whether it is listed to be sent to at the end of the turn.</summary>
    public bool IsListed { get; set; }

    /// <summary>Whether the kernel was asked to say when it takes more.</summary>
    public bool IsBehind { get; set; }
}
