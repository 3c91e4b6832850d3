namespace Calls.Media.Tests.Sfu;

/// <summary>Transport-wide congestion control: what the service tells senders, and how it numbers what it sends.</summary>
public sealed class TransportWideTests
{
    [Fact]
    public void A_sender_is_told_about_each_of_its_packets_when_it_came_or_that_it_did_not()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        world.Join("bob");
        alice.Loses = n => n % 7 == 3;
        world.Run(10);

        var told = alice.Arrivals.OrderBy(one => (ushort)(one.Key - 65_500)).Select(one => one.Value).ToList();
        told.Count.ShouldBeGreaterThan(alice.Spoken - 10);
        for (var i = 0; i < told.Count; i++)
        {
            (told[i] < 0).ShouldBe(i % 7 == 3, $"packet {i}");
        }
        var came = told.Where(at => at >= 0).ToList();
        // Every 20 ms, and 40 ms over one that was lost; the network delays all alike.
        came.Zip(came.Skip(1), (a, b) => (b - a) / 4.0).Distinct().ShouldBe([20, 40], ignoreOrder: true);
    }

    [Fact]
    public void It_is_told_ten_times_a_second_and_the_rest_with_the_next_report()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        world.Run(5);
        var pauses = alice.FeedbackAt.Zip(alice.FeedbackAt.Skip(1), (a, b) => (b - a).TotalMilliseconds).ToList();
        pauses.Average().ShouldBeInRange(90, 101);

        alice.Talks = false;
        world.Run(2);
        alice.Arrivals.Count.ShouldBe(alice.Spoken);
    }

    [Fact]
    public void Whoever_did_not_agree_is_told_nothing_and_gets_no_numbers()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Numbers = true;
        world.Join("bob");
        world.Run(2);
        alice.FeedbackAt.ShouldBeEmpty();
        alice.Heard.Single().Value.ShouldAllBe(packet => packet.TransportNumber < 0);
    }

    [Fact]
    public void What_goes_to_one_receiver_is_numbered_over_all_its_lines()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        var bob = Join(world, "bob");
        Join(world, "carol");
        world.Run(4);

        alice.Heard.Count.ShouldBe(2);
        foreach (var listener in new[] { alice, bob })
        {
            var numbers = listener.Heard.Values.SelectMany(packets => packets).Select(p => p.TransportNumber).Order();
            numbers.ShouldBe(Enumerable.Range(0, listener.Heard.Values.Sum(packets => packets.Count)));
        }
    }

    private static TestClient Join(MediaWorld world, string user)
    {
        var client = world.Join(user);
        client.Numbers = true;
        client.Edit = sdp =>
            sdp.Replace(
                "a=rtcp-mux\r\n",
                "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtcp-fb:111 transport-cc\r\n"
                    + "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
            );
        return client;
    }
}
