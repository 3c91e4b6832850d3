using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Calls.Bench.Media.Generator;
using Calls.Caller;
using Calls.Caller.Sdp;
using Calls.Caller.Signalling;
using Calls.TestKit;

namespace Calls.Bench.Media.Servers;

/// <summary>The service as it is released, with its embedded store, through its public contract: tokens, channels, a WebSocket for each participant.</summary>
internal sealed class ServiceServer : IMediaServer
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new() { Timeout = Deadline };

    private readonly HostProcess _host;
    private readonly string _admin;
    private readonly GeneratorLoop _loop;
    private readonly ConcurrentDictionary<int, Seat> _seats = new();

    private ServiceServer(HostProcess host, string admin, GeneratorLoop loop) =>
        (_host, _admin, _loop) = (host, admin, loop);

    public int ProcessId => _host.ProcessId;

    public static async Task<ServiceServer> Start(int core, GeneratorLoop loop)
    {
        var settings = new Dictionary<string, string>
        {
            ["CALLS__STORE"] = "embedded",
            ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000000",
            ["DOTNET_TieredCompilation"] = "0", // as shipped
        };
        var host = await HostProcess.Start(settings, launcher: PinnedProcess.Words(core));
        return new ServiceServer(host, await host.Token("the-backend", admin: true), loop);
    }

    public async Task Prepare(int room, IReadOnlyList<Participant> members)
    {
        var channel = $"room-{room}";
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_host.Url, $"/api/admin/dm/{channel}"))
        {
            Content = JsonContent.Create(
                new
                {
                    kind = members.Count == 2 ? "direct" : "group",
                    members = members.Select(member => new { user_id = UserOf(member.Number) }),
                }
            ),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _admin);
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        foreach (var member in members)
            _seats[member.Number] = await SignIn(channel, member);
    }

    public async Task Join(Participant participant)
    {
        var seat = _seats[participant.Number];
        var isFirst = !_seats.Values.Any(other => other.Channel == seat.Channel && other.HasJoined);
        seat.HasJoined = true;
        await seat.Line.Request(isFirst ? "call_start" : "call_join", Fields(seat), Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var seat in _seats.Values)
        {
            seat.Line.Abort();
            await seat.Line.DisposeAsync();
        }
        await _host.DisposeAsync();
    }

    private static string UserOf(int number) => $"user-{number.ToString(CultureInfo.InvariantCulture)}";

    private static int NumberOf(string user) => int.Parse(user["user-".Length..], CultureInfo.InvariantCulture);

    private static JsonObject Fields(Seat seat) => new() { ["channel_id"] = seat.Channel };

    private async Task<Seat> SignIn(string channel, Participant participant)
    {
        var token = await _host.Token(UserOf(participant.Number));
        var line = await SignallingConnection.Open(_host.Url, token, null, new CallerOptions(), CancellationToken.None);
        var seat = new Seat(channel, participant, line);
        line.Listen(said => OnEvent(seat, said), () => { });
        return seat;
    }

    // In the order of the offers, as the connection reads them one after the other.
    private void OnEvent(Seat seat, SignalledEvent said)
    {
        if (said.Type == "media_offer")
            _ = TryAnswer(seat, said);
    }

    private async Task TryAnswer(Seat seat, SignalledEvent said)
    {
        try
        {
            await Answer(seat, new MediaOfferEvent(said));
        }
        catch (Exception e)
        {
            seat.Participant.Blame(e.Message); // whoever waits for its media gets to read it
        }
    }

    private async Task Answer(Seat seat, MediaOfferEvent said)
    {
        if (!OfferReader.TryRead(said.Sdp, out var offer, out var problem))
            throw new FormatException(problem);
        var userOfMid = said.Tracks.ToDictionary(track => track.Mid, track => track.UserId);
        var senders = offer!
            .Lines.Where(line => line is { IsTaken: true, Direction: OfferedDirection.SendOnly, Ssrc: not 0 })
            .ToDictionary(line => line.Ssrc, line => NumberOf(userOfMid[line.Mid]));
        var answer = AnswerWriter.Write(offer, seat.Participant.Identity, said.Revision);
        await _loop.Do(now =>
        {
            seat.Participant.Take(offer, senders, now);
            return true;
        });
        var fields = Fields(seat);
        fields["session_id"] = said.SessionId;
        fields["revision"] = said.Revision;
        fields["sdp"] = answer;
        await seat.Line.Request("media_answer", fields, Deadline);
    }

    /// <summary>A participant's place in a channel, with its connection.</summary>
    private sealed record Seat(string Channel, Participant Participant, SignallingConnection Line)
    {
        public bool HasJoined { get; set; }
    }
}
