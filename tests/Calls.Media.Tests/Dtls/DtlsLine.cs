using Calls.Media.Dtls;

namespace Calls.Media.Tests.Dtls;

/// <summary>A client and a server with a line of 5 ms between them that may lose datagrams, in virtual time.</summary>
internal sealed class DtlsLine(DtlsIdentity client, DtlsIdentity server) : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(5);
    private readonly PriorityQueue<(DtlsHandshake To, byte[] Datagram), TimeSpan> _wire = new();
    private int _sent;

    public DtlsHandshake Client { get; } = new(client, DtlsRole.Client, TimeSpan.Zero);
    public DtlsHandshake Server { get; } = new(server, DtlsRole.Server, TimeSpan.Zero);
    public Func<int, bool> Loses { get; set; } = _ => false;
    public Action? BeforeEach { get; set; }
    public bool FreesServerWhenDone { get; init; }
    public int ClientMtu { get; init; } = DtlsHandshake.Mtu;
    public int LargestDatagram { get; private set; }
    public TimeSpan Now { get; private set; }

    public void Run(TimeSpan until)
    {
        Collect();
        while (Now < until && Next() is { } next && next <= until)
        {
            Now = next;
            Client.Advance(Now);
            Server.Advance(Now);
            Collect();
            while (_wire.TryPeek(out _, out var due) && due <= Now)
            {
                var (to, datagram) = _wire.Dequeue();
                BeforeEach?.Invoke();
                to.Handle(datagram, Now);
                Collect();
            }
            if (FreesServerWhenDone && Server.Phase == DtlsPhase.Done)
            {
                Server.Release();
            }
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private TimeSpan? Next()
    {
        TimeSpan?[] all = [_wire.TryPeek(out _, out var due) ? due : null, Client.NextDeadline, Server.NextDeadline];
        return all.Min();
    }

    private void Collect()
    {
        Send(Client, Server, ClientMtu);
        Send(Server, Client, DtlsHandshake.Mtu);
    }

    private void Send(DtlsHandshake from, DtlsHandshake to, int mtu)
    {
        while (from.TryTake(out var datagram))
        {
            foreach (var part in DtlsFragments.Split(datagram, mtu))
            {
                LargestDatagram = Math.Max(LargestDatagram, part.Length);
                if (!Loses(_sent++))
                {
                    _wire.Enqueue((to, part), Now + Delay);
                }
            }
        }
    }
}
