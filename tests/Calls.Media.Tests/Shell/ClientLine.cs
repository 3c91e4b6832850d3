using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Calls.Media.Tests.Shell;

/// <summary>A client's way to the server.</summary>
internal interface IClientLine : IDisposable
{
    void Send(ReadOnlySpan<byte> packet);

    /// <summary>The next packet that is there already.</summary>
    bool TryReceive(out byte[] packet);
}

internal sealed class UdpLine : IClientLine
{
    private readonly byte[] _buffer = new byte[2_048];
    private readonly Socket _socket;

    public UdpLine(IPEndPoint server)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        // Connected: what comes from another address than the one that was spoken to does not arrive.
        _socket.Connect(server);
    }

    public void Send(ReadOnlySpan<byte> packet) => _socket.Send(packet);

    public bool TryReceive(out byte[] packet)
    {
        packet = [];
        if (!_socket.Poll(0, SelectMode.SelectRead))
        {
            return false;
        }
        packet = _buffer[.._socket.Receive(_buffer)];
        return true;
    }

    public void Dispose() => _socket.Dispose();
}

/// <summary>Packets in a TCP connection, each behind its length (RFC 4571); written apart from the server's own framing.</summary>
internal sealed class TcpLine : IClientLine
{
    private readonly Socket _socket;
    private readonly List<byte> _come = [];
    private readonly byte[] _buffer = new byte[8_192];

    /// <param name="server">Where it goes.</param>
    /// <param name="receiveBuffer">Bytes that the kernel keeps for the client, 0 for what it likes.</param>
    public TcpLine(IPEndPoint server, int receiveBuffer = 0)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            _socket.ReceiveBufferSize = receiveBuffer;
        }
        _socket.Connect(server);
    }

    /// <summary>Whether the server has closed it.</summary>
    public bool IsClosed
    {
        get
        {
            Pull();
            return field;
        }
        private set;
    }

    public void Send(ReadOnlySpan<byte> packet)
    {
        byte[] frame = [0, 0, .. packet];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)packet.Length);
        SendRaw(frame);
    }

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _socket.Send(bytes);
        }
        catch (SocketException)
        {
            IsClosed = true;
        }
    }

    public bool TryReceive(out byte[] packet)
    {
        Pull();
        packet = [];
        if (_come.Count < 2)
        {
            return false;
        }
        var length = (_come[0] << 8) | _come[1];
        if (_come.Count < 2 + length)
        {
            return false;
        }
        packet = [.. _come.GetRange(2, length)];
        _come.RemoveRange(0, 2 + length);
        return true;
    }

    public void Dispose() => _socket.Dispose();

    private void Pull()
    {
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            var count = 0;
            try
            {
                count = _socket.Receive(_buffer);
            }
            catch (SocketException)
            {
                // reset: as good as closed
            }
            if (count == 0)
            {
                IsClosed = true;
                return;
            }
            _come.AddRange(_buffer.AsSpan(0, count));
        }
    }
}
