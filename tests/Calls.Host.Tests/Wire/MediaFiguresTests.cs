using System.Text.Json;
using Calls.Caller;
using Calls.TestKit;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>Who speaks, and how everybody's media does, of real callers with real sound.</summary>
public sealed class MediaFiguresTests(WireHost host) : IClassFixture<WireHost>
{
    private const string StatsFields = "user_id loss jitter_ms round_trip_ms received_packets sent_packets audio_level";

    [Fact]
    public async Task Statistics_of_participants_without_media_are_there_and_nothing_is_known()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        var stats = await Stats(dm.Channel, dm.Alice.Token);
        stats.Status.ShouldBe(200);
        Has(stats.Body, "participants");
        var alice = stats.Body.GetProperty("participants").EnumerateArray().ShouldHaveSingleItem();
        Has(alice, StatsFields);
        alice.Text("user_id").ShouldBe(dm.Alice.User);
        foreach (var field in StatsFields.Split(' ').Skip(1))
            alice.GetProperty(field).ValueKind.ShouldBe(JsonValueKind.Null, field);
    }

    [Fact]
    public async Task Statistics_are_refused_to_whoever_is_not_in_the_call()
    {
        var dm = await Dm.Of(host);
        var none = await Stats(dm.Channel, dm.Alice.Token);
        (none.Status, none.Code).ShouldBe((404, "call_not_found"));
        await dm.Alice.Post("start");
        var rung = await Stats(dm.Channel, dm.Bob.Token);
        (rung.Status, rung.Code).ShouldBe((409, "invalid_transition"));
        var stranger = await Stats(dm.Channel, await host.Token(host.Fresh("eve")));
        (stranger.Status, stranger.Error).ShouldBe((404, none.Error));
        (await Stats(dm.Channel, null)).Status.ShouldBe(401);
        (await Stats("not%20an%20id", dm.Alice.Token)).Code.ShouldBe("invalid_message");
    }

    [Fact]
    public async Task Two_who_talk_are_told_who_speaks_and_can_see_how_they_do()
    {
        var dm = await Dm.Of(host);
        await using var alice = await Caller(dm.Alice.User, tone: 440);
        await using var bob = await Caller(dm.Bob.User, tone: null);
        await alice.Start(dm.Channel);
        await bob.Join(dm.Channel);

        var told = await bob.Hears("active_speakers", e => Speakers(e.Body).SequenceEqual([alice.UserId]));
        Has(told.Body, "type channel_id call_id speakers");
        told.ChannelId.ShouldBe(dm.Channel);
        await alice.Hears("active_speakers", e => Speakers(e.Body).SequenceEqual([alice.UserId]));

        var figures = default(JsonElement);
        await Eventually.Holds(
            async () =>
            {
                figures = Of(await Stats(dm.Channel, dm.Bob.Token), alice.UserId);
                return figures.GetProperty("loss").ValueKind == JsonValueKind.Number;
            },
            () => $"there is a report about what Alice sends: {figures}"
        );
        figures.GetProperty("loss").GetDouble().ShouldBe(0, tolerance: 0.05);
        figures.GetProperty("jitter_ms").GetDouble().ShouldBeInRange(0, 1_000);
        figures.GetProperty("received_packets").GetInt64().ShouldBePositive();
        figures.GetProperty("audio_level").GetDouble().ShouldBeInRange(0.01, 1);
        var listener = Of(await Stats(dm.Channel, dm.Bob.Token), bob.UserId);
        listener.GetProperty("sent_packets").GetInt64().ShouldBePositive();

        await alice.VoiceState(dm.Channel, muted: true);
        await bob.Hears("active_speakers", e => !Speakers(e.Body).Any());
        Of(await Stats(dm.Channel, dm.Bob.Token), alice.UserId).GetProperty("audio_level").GetDouble().ShouldBe(0);
    }

    private Task<Answer> Stats(string channel, string? token) =>
        host.Send(HttpMethod.Get, $"/api/dm/{channel}/call/stats", token);

    private async Task<CallsCaller> Caller(string user, double? tone) =>
        await CallsCaller.Connect(
            host.Url,
            await host.Token(user),
            options: new CallerOptions { Tone = tone, Deadline = WireServer.Deadline }
        );

    private static IEnumerable<string?> Speakers(JsonElement told) =>
        told.GetProperty("speakers").EnumerateArray().Select(u => u.GetString());

    private static JsonElement Of(Answer stats, string user) =>
        stats.Body.GetProperty("participants").EnumerateArray().Single(p => p.Text("user_id") == user);
}
