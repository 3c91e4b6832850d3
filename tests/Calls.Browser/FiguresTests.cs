using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>What a browser's own statistics show of the reports that the service sends, and who is told to speak.</summary>
[Collection(BrowserTests.Name)]
public sealed class FiguresTests(Chromium chromium)
{
    [Fact]
    public async Task Chromium_sees_round_trip_and_jitter_by_the_services_reports_and_that_nothing_is_lost()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await alice.Hears(bob);

        var sent = await Report(alice, "remote-inbound-rtp", report => Has(report, "roundTripTime"));
        sent.GetProperty("roundTripTime").GetDouble().ShouldBeInRange(0, 5);
        sent.GetProperty("jitter").GetDouble().ShouldBeInRange(0, 5);
        sent.GetProperty("fractionLost").GetDouble().ShouldBeInRange(0, 0.2);

        // As a receiver, by telling its own time (RFC 3611).
        var received = await Report(alice, "remote-outbound-rtp", report => Has(report, "roundTripTime"));
        received.GetProperty("roundTripTime").GetDouble().ShouldBeInRange(0, 5);
        received.GetProperty("packetsSent").GetInt64().ShouldBePositive();
    }

    [Fact]
    public async Task Chromium_sees_how_much_of_its_sound_is_lost_on_the_way()
    {
        var port = Ports.FreeTcp();
        using var relay = new LossyRelay(port);
        await using var stage = await Stage.Open(chromium, MediaAt(port));
        var alice = await stage.Enter("Alice");
        await alice.Page.EvaluateAsync($"() => {relay.Script}");
        // Each fifth, also when it is sent again.
        relay.Loses = sequence => sequence % 5 == 0;
        await CallBob(stage, alice);

        var sent = await Report(
            alice,
            "remote-inbound-rtp",
            report => report.GetProperty("packetsLost").GetInt64() > 20 && Has(report, "roundTripTime")
        );
        sent.GetProperty("fractionLost").GetDouble().ShouldBeInRange(0.1, 0.3);
        (await LossAtTheService(stage, alice)).ShouldBeInRange(0.1, 0.3);
    }

    [Fact]
    public async Task What_is_lost_once_Chromium_sends_again()
    {
        var port = Ports.FreeTcp();
        using var relay = new LossyRelay(port);
        await using var stage = await Stage.Open(chromium, MediaAt(port));
        var alice = await stage.Enter("Alice");
        await alice.Page.EvaluateAsync($"() => {relay.Script}");
        var lost = new ConcurrentDictionary<ushort, bool>();
        relay.Loses = sequence => sequence % 5 == 0 && lost.TryAdd(sequence, true);
        var bob = await CallBob(stage, alice);

        await Report(alice, "outbound-rtp", report => report.GetProperty("retransmittedPacketsSent").GetInt64() > 20);
        var received = await Report(
            bob,
            "inbound-rtp",
            report => report.GetProperty("packetsReceived").GetInt64() > 500
        );
        var (came, missing) = (
            received.GetProperty("packetsReceived").GetInt64(),
            received.GetProperty("packetsLost").GetInt64()
        );
        // A fifth was lost on the way to the service, and nearly all of it came after all.
        ((double)missing / (came + missing)).ShouldBeLessThan(0.1);
        await bob.Hears(alice);
    }

    [Fact]
    public async Task Who_is_said_to_speak_follows_who_makes_a_sound()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await AreSaidToSpeak(alice, "alice", "bob");

        await bob.Evaluate("setTone(0)");
        await AreSaidToSpeak(alice, "alice");
        await AreSaidToSpeak(bob, "alice");
        await Person.SeesNoMore(alice.Participant("Bob").GetByText("speaking"));
        await Person.Sees(bob.Participant("Alice").GetByText("speaking"));

        await alice.Evaluate("setTone(0)");
        await AreSaidToSpeak(alice);
        await bob.Evaluate("setTone(0.4)");
        await AreSaidToSpeak(alice, "bob");
        await alice.Evaluate("setTone(0.04)");
        await AreSaidToSpeak(bob, "bob", "alice");
    }

    private static Task AreSaidToSpeak(Person listener, params string[] users)
    {
        var told = "";
        var expected = string.Join(',', users);
        return Eventually.Holds(
            async () =>
            {
                told = (await listener.Evaluate("(calls.state.speakers ?? ['nobody said']).join()")).GetString()!;
                // Two who began together are in either order.
                return told == expected || (expected == "alice,bob" && told == "bob,alice");
            },
            () => $"at {listener.Name} '{expected}' are said to speak; last said: '{told}'"
        );
    }

    private static Dictionary<string, string> MediaAt(int port) =>
        new() { ["CALLS__MEDIA__PORT"] = port.ToString(CultureInfo.InvariantCulture) };

    private static async Task<double> LossAtTheService(Stage stage, Person person)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(stage.Host.Url, "/api/dm/dm-alice-bob/call/stats")
        );
        request.Headers.Authorization = new("Bearer", await stage.Host.Token(person.Id));
        using var response = await http.SendAsync(request);
        var stats = await response.Content.ReadFromJsonAsync<JsonElement>();
        var its = stats
            .GetProperty("participants")
            .EnumerateArray()
            .Single(p => p.GetProperty("user_id").GetString() == person.Id);
        return its.GetProperty("loss").GetDouble();
    }

    private static async Task<Person> CallBob(Stage stage, Person alice)
    {
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();
        return bob;
    }

    private static bool Has(JsonElement report, string field) => report.TryGetProperty(field, out _);

    /// <summary>The first report of that type for which it holds, of a page's present media session.</summary>
    private static async Task<JsonElement> Report(Person person, string type, Func<JsonElement, bool> isEnough)
    {
        var reports = default(JsonElement);
        var found = default(JsonElement?);
        await Eventually.Holds(
            async () =>
            {
                reports = await person.Evaluate(
                    $"calls.peerConnection.getStats().then((all) => [...all.values()].filter((one) => one.type === '{type}'))"
                );
                found = reports.EnumerateArray().Where(isEnough).Select(one => (JsonElement?)one).FirstOrDefault();
                return found is not null;
            },
            () => $"{person.Name} has such a {type}; there is: {reports}"
        );
        return found!.Value;
    }
}
