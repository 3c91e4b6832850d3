using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Calls.Host.Tests.Wire;

/// <summary>A WebSocket written by hand over TCP (RFC 6455 §5.2), for what no library would do: no pong, broken text, no reading.</summary>
public sealed class RawSocket : IDisposable
{
    public const int Text = 1;
    public const int Close = 8;
    public const int Ping = 9;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawSocket(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <param name="server">Where it is.</param>
    /// <param name="token">For the upgrade's header.</param>
    /// <param name="receiveBuffer">How many bytes the system may take in unread; null for its default.</param>
    public static async Task<RawSocket> Open(Uri server, string? token, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var raw = new RawSocket(socket);
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        await raw._stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET /ws HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n"
            )
        );
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            await raw.Fill(one);
            head.Add(one[0]);
        }
        Encoding.ASCII.GetString([.. head]).ShouldStartWith("HTTP/1.1 101");
        return raw;
    }

    /// <summary>Sends one whole frame, masked as a client's must be; the mask is zero, so the payload stands as it is.</summary>
    public async Task Send(int opcode, byte[] payload)
    {
        var header = new List<byte> { (byte)(0x80 | opcode) };
        if (payload.Length < 126)
        {
            header.Add((byte)(0x80 | payload.Length));
        }
        else
        {
            header.AddRange([0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        }
        header.AddRange([0, 0, 0, 0]);
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        await _stream.WriteAsync((byte[])[.. header, .. payload], patience.Token);
    }

    public Task Send(string text) => Send(Text, Encoding.UTF8.GetBytes(text));

    public async Task<(int Opcode, byte[] Payload)> Read()
    {
        var head = new byte[2];
        await Fill(head);
        ulong length = (uint)(head[1] & 0x7F);
        if (length >= 126)
        {
            var extended = new byte[length == 126 ? 2 : 8];
            await Fill(extended);
            length =
                extended.Length == 2
                    ? BinaryPrimitives.ReadUInt16BigEndian(extended)
                    : BinaryPrimitives.ReadUInt64BigEndian(extended);
        }
        var payload = new byte[length];
        await Fill(payload);
        return (head[0] & 0x0F, payload);
    }

    /// <summary>Reads frames, answering none, until the close; gives its code and how many pings came before.</summary>
    public async Task<(int Code, int Pings)> ReadUntilClose()
    {
        var pings = 0;
        while (true)
        {
            var (opcode, payload) = await Read();
            if (opcode == Close)
                return (BinaryPrimitives.ReadUInt16BigEndian(payload), pings);
            if (opcode == Ping)
                pings++;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task Fill(byte[] buffer)
    {
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        await _stream.ReadExactlyAsync(buffer, patience.Token);
    }
}
