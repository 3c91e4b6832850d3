using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Sfu;

public sealed class AnyOrderTests
{
    private static readonly string[] Users = ["alice", "bob", "carol", "dave", "erin"];

    [Fact]
    public void Whatever_the_order_of_coming_going_and_answering_everybody_hears_everybody_else_in_the_end()
    {
        var walks = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
        Prop.ForAll(walks, Walk).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static void Walk(int seed)
    {
        using var world = new MediaWorld(seed);
        var chance = new Random(seed);
        world.Network.Loss = chance.Next(3) * 0.05;
        world.Network.Jitter = TimeSpan.FromMilliseconds(chance.Next(40));
        var present = new Dictionary<string, TestClient>();
        for (var step = 0; step < 40; step++)
        {
            Step(world, present, Users[chance.Next(Users.Length)], step, chance);
            world.Run(chance.NextDouble() * 0.3);
        }
        Settle(world, present);
        foreach (var one in present.Values)
        {
            foreach (var packets in one.Heard.Values)
            {
                packets.Clear();
            }
        }
        world.Run(1.5);
        foreach (var (user, one) in present)
        {
            foreach (var other in Users)
            {
                var heard = one.From(other).Count;
                var expected = other != user && present.ContainsKey(other);
                (heard > 30).ShouldBe(expected, $"{user} heard {heard} packets of {other}, seed {seed}");
                (heard > 0).ShouldBe(expected, $"{user} heard {heard} packets of {other}, seed {seed}");
            }
            NoNumberTwice(one, seed);
        }
    }

    private static void Step(
        MediaWorld world,
        Dictionary<string, TestClient> present,
        string user,
        int step,
        Random chance
    )
    {
        var isIn = present.TryGetValue(user, out var client);
        switch (chance.Next(8))
        {
            case 0 when isIn:
                world.Close(client!);
                present.Remove(user);
                break;
            case 1 when isIn:
                client!.Answers = !client.Answers;
                break;
            case 2 when isIn:
                world.SetVoice(client!, muted: chance.Next(2) == 0, deafened: chance.Next(3) == 0);
                break;
            case 3 when isIn && client!.IsConnected:
                client.Move(nominate: true);
                break;
            case 4 when isIn:
                client!.Ssrc += 17;
                break;
            default:
                // Coming in, or coming again with a new session.
                present[user] = world.Join(user, session: $"{user}-{step}");
                break;
        }
    }

    private static void Settle(MediaWorld world, Dictionary<string, TestClient> present)
    {
        world.Network.Loss = 0;
        world.Network.Jitter = TimeSpan.Zero;
        foreach (var one in present.Values)
        {
            world.SetVoice(one);
            one.Answers = true;
            if (world.Control.Find(one.SessionId)!.IsAwaitingAnswer)
            {
                one.Answer();
            }
        }
        world.Run(5);
    }

    // Under one SSRC every packet has a number of its own: AES-GCM is broken otherwise.
    private static void NoNumberTwice(TestClient client, int seed)
    {
        foreach (var (ssrc, packets) in client.Heard)
        {
            var distinct = packets.Select(packet => packet.Sequence).Distinct().Count();
            distinct.ShouldBe(packets.Count, $"ssrc {ssrc}, seed {seed}");
        }
    }
}
