using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Calls.Bench.Media.Generator;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;

namespace Calls.Bench.Media.Servers;

/// <summary>The same forwarding in C (<c>bench/floor</c>). What its lines say is put into the form of an offer, so that the generator treats it as it treats the service.</summary>
internal sealed class FloorServer : IMediaServer
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMilliseconds(200);
    private const int Attempts = 50;

    private readonly Process _process;
    private readonly IPEndPoint _address;
    private readonly GeneratorLoop _loop;
    private readonly Dictionary<int, (int Room, IReadOnlyList<Participant> Members)> _rooms = [];

    private FloorServer(Process process, int port, GeneratorLoop loop) =>
        (_process, _address, _loop) = (process, new IPEndPoint(IPAddress.Loopback, port), loop);

    public int ProcessId => _process.Id;

    public static async Task<FloorServer> Start(int core, GeneratorLoop loop)
    {
        // build.sh puts it beside the projects' output: artifacts/floor/floor.
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../floor/floor"));
        string[] words = [.. PinnedProcess.Words(core), program];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new IOException($"{program} does not start.");
        return new FloorServer(process, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture), loop);
    }

    public Task Prepare(int room, IReadOnlyList<Participant> members)
    {
        foreach (var member in members)
            _rooms[member.Number] = (room, members);
        return Task.CompletedTask;
    }

    public async Task Join(Participant participant)
    {
        var (room, members) = _rooms[participant.Number];
        var words = (await Ask($"JOIN {participant.Number} {room}")).Split(' ');
        if (!DtlsFingerprint.TryParse(words[4], out var fingerprint))
            throw new FormatException($"The floor answers {string.Join(' ', words)}.");
        var offer = new SessionOffer
        {
            Ufrag = words[2],
            Password = words[3],
            Fingerprint = fingerprint,
            Candidates = [_address],
            Lines = [Microphone()],
        };
        // It forwards streams under their own SSRCs, so that all of a room are known beforehand.
        var others = members.Where(member => member != participant).ToDictionary(m => m.Ssrc, m => m.Number);
        await _loop.Do(now =>
        {
            participant.Take(offer, others, now);
            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static OfferedLine Microphone() =>
        new()
        {
            Kind = "audio",
            Formats = "111",
            Mid = "0",
            Direction = OfferedDirection.RecvOnly,
            HasOpus = true,
            OpusPayloadType = 111,
            AudioLevelId = 1,
            MidId = 4,
        };

    private async Task<string> Ask(string request)
    {
        using var socket = new UdpClient(0, AddressFamily.InterNetwork);
        socket.Connect(_address);
        for (var i = 0; i < Attempts; i++)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(request));
            using var patience = new CancellationTokenSource(Repetition);
            try
            {
                return Encoding.ASCII.GetString((await socket.ReceiveAsync(patience.Token)).Buffer);
            }
            catch (OperationCanceledException)
            {
                // It or the answer was lost; asked again, the floor says the same.
            }
        }
        throw new TimeoutException($"The floor does not answer {request}.");
    }
}
