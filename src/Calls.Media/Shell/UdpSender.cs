using System.Net.Sockets;
using System.Runtime.InteropServices;
using Calls.Media.Sfu;

namespace Calls.Media.Shell;

/// <summary>Sends what is in an outbox, in as few system calls as it takes. One thread; several senders may share the socket.</summary>
internal sealed unsafe class UdpSender : IDisposable
{
    // When the socket's buffer is full for so long, what does not fit is lost: late sound is worth no more than lost sound.
    private const int PatienceMs = 5;

    private readonly SafeSocketHandle _socket;
    private readonly WireAddress _addresses;
    private readonly MessageBatch _batch;

    private readonly TcpConnections? _tcp;

    /// <param name="socket">The UDP socket.</param>
    /// <param name="tcp">Where packets for TCP connections go: the forwarding thread has them, others send none.</param>
    public UdpSender(Socket socket, TcpConnections? tcp = null)
    {
        _tcp = tcp;
        _socket = socket.SafeHandle;
        _addresses = new WireAddress(socket.AddressFamily);
        Outbox = new Outbox(Send);
        _batch = new MessageBatch(Outbox.Capacity, Outbox.Memory, Outbox.SlotSize);
    }

    /// <summary>What is to be sent.</summary>
    public Outbox Outbox { get; }

    /// <summary>Datagrams that went out.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes of those, without the headers of UDP and IP.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Datagrams that the network would not take.</summary>
    public long Failed { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private void Send(Outbox outbox)
    {
        var count = 0;
        for (var i = 0; i < outbox.Count; i++)
        {
            var to = outbox.To(i);
            if (to.Connection != 0)
            {
                _tcp!.Send(to, outbox[i]);
                continue;
            }
            ref var message = ref _batch.Messages[count];
            var control = _addresses.Write(to, _batch.Name(count), _batch.Control(count));
            message.NameLength = (uint)_addresses.Length;
            message.ControlLength = (nuint)control;
            _batch.Point(count, i, outbox[i].Length);
            count++;
        }
        Send(count);
    }

    private void Send(int count)
    {
        var waited = false;
        for (var next = 0; next < count; )
        {
            var sent = LibC.sendmmsg(_socket, _batch.Messages + next, (uint)(count - next), LibC.DoNotWait);
            if (sent > 0)
            {
                Sent += sent;
                for (var end = next + sent; next < end; next++)
                {
                    SentBytes += (long)_batch.Vectors[next].Length;
                }
                continue;
            }
            if (Marshal.GetLastPInvokeError() is LibC.TryAgain or LibC.NoBuffers)
            {
                if (waited || !WaitForRoom())
                {
                    Failed += count - next;
                    return;
                }
                waited = true;
                continue;
            }
            // This one cannot be sent (no route, a port of 0); the next ones may.
            Failed++;
            next++;
        }
    }

    private bool WaitForRoom()
    {
        var entry = new LibC.PollEntry { Descriptor = (int)_socket.DangerousGetHandle(), Events = LibC.PollOut };
        return LibC.poll(&entry, 1, PatienceMs) > 0;
    }
}
