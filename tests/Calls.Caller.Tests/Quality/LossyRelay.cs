using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Calls.Caller;

namespace Calls.Caller.Tests.Quality;

/// <summary>
/// A bad network on loopback: relays between callers and the service, which hold every datagram up by chance and lose some of the media.
/// Which ones the seed says, by the packet's place in its stream and how often it was sent: two lines of one seed lose the same packets,
/// whatever else goes over them and whenever.
/// </summary>
internal sealed class LossyRelay : IDisposable
{
    /// <summary>A stream's first packets all come through: the ear needs a beginning, and the comparison a common one.</summary>
    public const int WholePackets = 25;

    private readonly Lock _lock = new();
    private readonly List<Line> _lines = [];
    private readonly PriorityQueue<Held, TimeSpan> _held = new();
    private readonly byte[] _buffer = new byte[2_048];
    private readonly Thread _thread;
    private volatile bool _stopping;

    public LossyRelay()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "lossy relay" };
        _thread.Start();
    }

    private readonly record struct Held(byte[] Datagram, Socket From, EndPoint To);

    /// <summary>A way for one caller's media.</summary>
    /// <param name="loss">The share of RTP and RTCP packets that gets lost, each way, 0 to 1.</param>
    /// <param name="jitter">The most that a datagram is held up.</param>
    /// <param name="seed">Says which ones.</param>
    /// <returns>For <see cref="CallerOptions.Route"/>.</returns>
    public Func<IPEndPoint, IPEndPoint> Way(double loss, TimeSpan jitter, int seed) =>
        service =>
        {
            var line = new Line(service, loss, jitter, seed);
            lock (_lock)
            {
                _lines.Add(line);
            }

            return (IPEndPoint)line.Near.LocalEndPoint!;
        };

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _lines.ForEach(line => line.Dispose());
    }

    private void Run()
    {
        while (!_stopping)
        {
            Line[] lines;
            lock (_lock)
            {
                lines = [.. _lines];
            }

            Take(lines);
            while (_held.TryPeek(out var held, out var at) && at <= CallerLoop.Now)
            {
                _held.Dequeue();
                held.From.SendTo(held.Datagram, held.To);
            }
        }
    }

    private void Take(Line[] lines)
    {
        var readable = lines.SelectMany(line => new[] { line.Near, line.Far }).ToList();
        if (readable.Count == 0)
        {
            Thread.Yield();
            return;
        }

        // A millisecond at most, so that a new line has not long to wait, and what is held has not either.
        Socket.Select(readable, null, null, TimeSpan.FromMilliseconds(1));
        foreach (var line in lines)
        {
            while (readable.Contains(line.Near) && line.Near.Available > 0)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var length = line.Near.ReceiveFrom(_buffer, ref from);
                line.Caller = from;
                Pass(line, 0, line.Far, line.Service, length);
            }

            while (readable.Contains(line.Far) && line.Far.Available > 0)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                Pass(line, 1, line.Near, line.Caller, line.Far.ReceiveFrom(_buffer, ref from));
            }
        }
    }

    private void Pass(Line line, int direction, Socket socket, EndPoint? to, int length)
    {
        var datagram = _buffer.AsSpan(0, length);
        if (to is not null && !line.Loses(direction, datagram, out var delay))
        {
            _held.Enqueue(new Held(datagram.ToArray(), socket, to), CallerLoop.Now + delay);
        }
    }

    private sealed class Line(IPEndPoint service, double loss, TimeSpan jitter, int seed) : IDisposable
    {
        private readonly Dictionary<(int Direction, int Kind, int Number), int> _times = [];
        private readonly int?[] _first = new int?[2];
        private readonly int[] _others = new int[2];

        public Socket Near { get; } = Open();

        public Socket Far { get; } = Open();

        public IPEndPoint Service => service;

        public EndPoint? Caller { get; set; }

        /// <summary>Whether a datagram gets lost, and how long it is held up else.</summary>
        public bool Loses(int direction, ReadOnlySpan<byte> datagram, out TimeSpan delay)
        {
            // RFC 7983: 128 to 191 is media; RFC 5761 §4: of that, 192 to 223 in the second byte is RTCP.
            var isMedia = datagram.Length > 4 && datagram[0] is >= 128 and <= 191;
            var isRtp = isMedia && datagram[1] is < 192 or > 223;
            var number = isRtp ? Place(direction, datagram) : _others[direction]++;
            var key = (direction, isRtp ? 1 : 0, number);
            var times = _times[key] = _times.GetValueOrDefault(key) + 1;
            var chance = new Random(HashCode(seed, direction, isRtp ? 1 : 0, number, times));
            delay = jitter * chance.NextDouble();
            return isMedia && (!isRtp || number >= WholePackets) && chance.NextDouble() < loss;
        }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }

        private int Place(int direction, ReadOnlySpan<byte> rtp)
        {
            var sequence = BinaryPrimitives.ReadUInt16BigEndian(rtp[2..]);
            _first[direction] ??= sequence;
            return (ushort)(sequence - _first[direction]!.Value);
        }

        // The runtime's own HashCode differs from process to process.
        private static int HashCode(params ReadOnlySpan<int> parts)
        {
            var hash = 2_166_136_261u;
            foreach (var part in parts)
            {
                hash = (hash ^ (uint)part) * 16_777_619;
                hash ^= hash >> 15;
            }

            return (int)hash;
        }

        private static Socket Open()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }
    }
}
