using System.Globalization;
using System.Text.Json;
using Calls.Caller;

namespace Calls.Cluster;

/// <summary>Two servers on one Redis between which messages get lost: their users hear all the same what they have to know.</summary>
public sealed class LostWordsTests(PatientNodes nodes) : IClassFixture<PatientNodes>
{
    [Fact]
    public async Task A_lost_ring_and_a_lost_end_are_told_by_the_whole_state()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 0);
        await using var bob = await nodes.SignIn(users[1], at: 1);

        var call = "";
        await WhileDeaf(async () => call = (await alice.Start(channel)).Call().Text("call_id")!);

        var rings = (await bob.Hears("ready", deadline: Eventually.Deadline)).Body;
        rings.TryGetProperty("id", out _).ShouldBeFalse();
        var shown = rings.GetProperty("calls").EnumerateArray().Single();
        (shown.Text("call_id"), shown.GetProperty("ringing").GetBoolean()).ShouldBe((call, true));
        bob.Unheard.ShouldNotContain(e => e.Type == "incoming_call");

        await WhileDeaf(() => alice.Leave(channel));

        var quiet = (await bob.Hears("ready", deadline: Eventually.Deadline)).Body;
        quiet.GetProperty("calls").GetArrayLength().ShouldBe(0);
        quiet.GetProperty("missed_calls").EnumerateArray().Single().Text("call_id").ShouldBe(call);
    }

    [Fact]
    public async Task Nobody_is_told_again_who_has_missed_nothing()
    {
        var users = nodes.People("alice", "bob", "carol");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 0);
        await using var bob = await nodes.SignIn(users[1], at: 1);
        await using var carol = await nodes.SignIn(users[2], at: 1);
        await alice.Start(channel);
        await bob.Join(channel);
        await carol.Dismiss(channel);
        await alice.VoiceState(channel, muted: true);

        // Another call, begun later, loses its ring: when that is found, several digests of the first have come.
        var others = nodes.People("dave", "erin");
        var late = await nodes.Channel(others);
        await using var dave = await nodes.SignIn(others[0], at: 0);
        await using var erin = await nodes.SignIn(others[1], at: 1);
        for (var i = 0; i < 2; i++)
        {
            await WhileDeaf(() => i == 0 ? dave.Start(late) : dave.Leave(late));
            await erin.Hears("ready", deadline: Eventually.Deadline);
        }

        foreach (var one in new[] { alice, bob, carol })
            (await one.HeardSoFar()).ShouldNotContain(e => e.Type == "ready");
    }

    /// <summary>What happens meanwhile at the first node the second is not told.</summary>
    private async Task WhileDeaf(Func<Task> happens)
    {
        nodes.LinkOf(1).Cut();
        await nodes.Redis!.Command("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.Holds(
            async () =>
                (await nodes.Redis.Command("PUBSUB", "NUMSUB", "node:node-1")).Contains(":1", StringComparison.Ordinal),
            () => "the first node listens again"
        );
        try
        {
            var before = await Published();
            await happens();
            // A start and a leave that ends the call are two events each.
            await Eventually.Holds(async () => await Published() >= before + 2, () => "it has been said, to nobody");
        }
        finally
        {
            nodes.LinkOf(1).Mend();
        }
    }

    private async Task<int> Published()
    {
        const string Before = "cmdstat_publish:calls=";
        var stats = await nodes.Redis!.Command("INFO", "commandstats");
        var line = stats.Split("\r\n").FirstOrDefault(line => line.StartsWith(Before, StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line[Before.Length..].Split(',')[0], CultureInfo.InvariantCulture);
    }
}
