using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Calls.Browser.Parts;

/// <summary>Stands between a page and the server's media port, and loses what a test says. A page goes by it when it has run <see cref="Script"/>.</summary>
public sealed class LossyRelay : IDisposable
{
    private readonly Socket front = Open();
    private readonly ConcurrentDictionary<EndPoint, Socket> backs = new();
    private readonly IPEndPoint server;
    private readonly CancellationTokenSource stopping = new();

    public LossyRelay(int serverPort)
    {
        server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _ = Forward();
    }

    public int Port => ((IPEndPoint)front.LocalEndPoint!).Port;

    /// <summary>Which of a page's RTP packets are lost, by their sequence number: those sent again have the same.</summary>
    public Func<ushort, bool> Loses { get; set; } = _ => false;

    /// <summary>Sends the page's media to the relay instead of the port that the offers announce.</summary>
    public string Script =>
        $$"""
            {
              const original = RTCPeerConnection.prototype.setRemoteDescription;
              RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
                const first = sdp.match(/a=candidate.* 127\.0\.0\.1 \d+ typ host/)[0].replace(/ \d+ typ/, ' {{Port}} typ');
                const lines = sdp.replace(/a=candidate.*\r\n/g, '').replace(/a=end-of-candidates/g, `${first}\r\n$&`);
                return original.call(this, { type, sdp: lines });
              };
            }
            """;

    public void Dispose()
    {
        stopping.Cancel();
        front.Dispose();
        foreach (var back in backs.Values)
        {
            back.Dispose();
        }
    }

    private async Task Forward()
    {
        var buffer = new byte[2_048];
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var received = await front.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), stopping.Token);
                var datagram = buffer.AsMemory(0, received.ReceivedBytes);
                var back = backs.GetOrAdd(received.RemoteEndPoint, OpenBack);
                if (!IsLost(datagram.Span))
                {
                    await back.SendToAsync(datagram, server, stopping.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // Stopped, or somebody's port is closed by now.
            }
        }
    }

    private Socket OpenBack(EndPoint page)
    {
        var back = Open();
        _ = Return(back, page);
        return back;
    }

    private async Task Return(Socket back, EndPoint page)
    {
        var buffer = new byte[2_048];
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var length = await back.ReceiveAsync(buffer, stopping.Token);
                await front.SendToAsync(buffer.AsMemory(0, length), page, stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // As above.
            }
        }
    }

    private bool IsLost(ReadOnlySpan<byte> datagram) =>
        datagram.Length > 12
        && datagram[0] is >= 128 and <= 191
        && datagram[1] is < 192 or > 223
        && Loses(BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]));

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
