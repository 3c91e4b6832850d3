using Calls.Bench.Media.Generator;
using Calls.Bench.Media.Measure;
using Calls.Bench.Media.Servers;
using Calls.Media.Dtls;
using Calls.Media.Srtp;
using Calls.TestKit;

namespace Calls.Bench.Media;

/// <summary>Which server.</summary>
internal enum SystemUnderTest
{
    Floor,
    Service,
}

/// <summary>A fresh server with a generator, and the rooms that have been filled.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const int RoomsAtOnce = 8;

    private static readonly DtlsIdentity Identity = new(DateTimeOffset.UtcNow, [SrtpProfile.AeadAes128Gcm]);

    private readonly GeneratorLoop _loop;
    private readonly IMediaServer _server;
    private readonly Cores _cores;
    private readonly List<Participant> _participants = [];
    private int _rooms;

    private Stage(GeneratorLoop loop, IMediaServer server, Cores cores) =>
        (_loop, _server, _cores) = (loop, server, cores);

    /// <summary>Whether the generator lets its core rest between packets: signalling needs it too.</summary>
    public bool Rests
    {
        set => _loop.Rests = value;
    }

    public static async Task<Stage> Open(SystemUnderTest system, Cores cores)
    {
        var loop = new GeneratorLoop();
        IMediaServer server = system switch
        {
            SystemUnderTest.Floor => await FloorServer.Start(cores.Server, loop),
            _ => await ServiceServer.Start(cores.Server, loop),
        };
        return new Stage(loop, server, cores);
    }

    /// <summary>Makes a room's members and signs them in; they have not joined yet.</summary>
    public async Task<IReadOnlyList<Participant>> Prepare(int size)
    {
        var members = Enumerable
            .Range(_participants.Count, size)
            .Select(n => new Participant(_loop, n, Identity))
            .ToList();
        foreach (var member in members)
            await _loop.Add(member);
        _participants.AddRange(members);
        await _server.Prepare(_rooms++, members);
        return members;
    }

    public Task Join(Participant participant) => _server.Join(participant);

    /// <summary>Fills rooms of a size.</summary>
    public async Task Fill(int rooms, int size)
    {
        var prepared = new List<IReadOnlyList<Participant>>();
        for (var i = 0; i < rooms; i++)
            prepared.Add(await Prepare(size));
        var options = new ParallelOptions { MaxDegreeOfParallelism = RoomsAtOnce };
        await Parallel.ForEachAsync(
            prepared,
            options,
            async (members, _) =>
            {
                foreach (var member in members)
                    await Join(member);
            }
        );
        await AreUp(prepared);
    }

    /// <summary>Waits until media of all flows and everybody knows all the others of the room.</summary>
    public async Task AreUp(IReadOnlyList<IReadOnlyList<Participant>> rooms)
    {
        var missing = "";
        await Eventually.Holds(
            async () =>
            {
                missing = await _loop.Do(_ => Missing(rooms));
                return missing.Length == 0;
            },
            () => missing
        );
    }

    /// <summary>Lets everybody of these rooms talk for a while, and measures.</summary>
    /// <param name="work">Who talks: the first participants of the stage.</param>
    /// <param name="rate">Packets a second of each.</param>
    /// <param name="warmUp">What is not counted at the beginning.</param>
    /// <param name="length">How long is counted.</param>
    /// <param name="random">Draws when each one speaks.</param>
    public async Task<Round> Measure(Workload work, double rate, TimeSpan warmUp, TimeSpan length, Random random)
    {
        await _loop.Talk(work.Voices, rate, random);
        await Task.Delay(warmUp);
        var samples = new List<Usage>();
        var window = await _loop.Measure(
            length,
            _ => work.Copies,
            () => samples.Add(Usage.Read(_server.ProcessId, _cores))
        );
        return Round.Of(window, samples[0], samples[1], wanted: rate * work.Rooms * work.Speakers);
    }

    public Task Hush() => _loop.Talk([], 0, new Random(0));

    /// <summary>The server's resident memory, in KB.</summary>
    public long Memory() => ProcFiles.Rss(File.ReadAllText($"/proc/{_server.ProcessId}/smaps_rollup"));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _loop.Dispose();
    }

    private static string Missing(IReadOnlyList<IReadOnlyList<Participant>> rooms)
    {
        var isThere = rooms.Sum(room => room.Count(member => member.IsConnected && member.Announced == room.Count - 1));
        var all = rooms.Sum(room => room.Count);
        var failure = rooms
            .SelectMany(room => room)
            .Select(member => member.Failure)
            .FirstOrDefault(f => f is not null);
        return isThere == all ? "" : $"{isThere} of {all} participants are up ({failure ?? "none has failed"})";
    }
}
