using Calls.Actors.Cluster;

namespace Calls.Actors.Tests.Cluster;

public sealed class NodeWatchTests
{
    private static readonly TimeSpan Death = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private readonly NodeWatch _watch = new("own", Death);
    private readonly Dictionary<string, NodeRecord> _registry = [];
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Fact]
    public void A_node_whose_counter_grows_lives()
    {
        Beat("own", "other");
        for (var i = 0; i < 20; i++)
        {
            Beat("own", "other");
            Read().ShouldBeEmpty();
        }
        Alive().ShouldBe(["other", "own"]);
    }

    [Fact]
    public void A_node_whose_counter_stands_still_for_the_death_time_is_dead_once()
    {
        Beat("own", "other");
        Read().ShouldBeEmpty();
        OtherStandsStillUntilItIsDead();
        Alive().ShouldBe(["own"]);
        Beat("own");
        Read().ShouldBeEmpty();
    }

    [Fact]
    public void One_whose_process_is_known_to_be_gone_is_dead_at_once_and_only_that_process()
    {
        Beat("own", "other");
        Read().ShouldBeEmpty();

        _watch.Bury("other", "another start of it").ShouldBeNull();
        Alive().ShouldBe(["other", "own"]);
        var gone = _watch.Bury("other", _registry["other"].Incarnation).ShouldNotBeNull();
        gone.Node.ShouldBe("other");

        Alive().ShouldBe(["own"]);
        _watch.Bury("other", gone.Incarnation).ShouldBeNull("it is dead already");
        Beat("own");
        Read().ShouldBeEmpty("its death has been told");
        Beat("own", "other");
        Read().ShouldBeEmpty();
        Alive().ShouldBe(["other", "own"], "it was not dead after all");
    }

    [Fact]
    public void A_store_that_was_away_makes_nobody_dead()
    {
        Beat("own", "other");
        Read();
        _now += TimeSpan.FromSeconds(30);
        Read().ShouldBeEmpty();
        Beat("own", "other");
        Read().ShouldBeEmpty();
        Alive().ShouldBe(["other", "own"]);
    }

    [Fact]
    public void After_that_the_clock_starts_anew()
    {
        Beat("own", "other");
        Read();
        _now += TimeSpan.FromSeconds(30);
        Read().ShouldBeEmpty();
        OtherStandsStillUntilItIsDead();
    }

    [Fact]
    public void One_that_beats_again_lives_again()
    {
        Beat("own", "other");
        Read();
        for (var i = 0; i < 5; i++)
        {
            Beat("own");
            Read();
        }
        Alive().ShouldBe(["own"]);
        Beat("own", "other");
        Read().ShouldBeEmpty();
        Alive().ShouldBe(["other", "own"]);
    }

    [Fact]
    public void A_restarted_node_has_died_and_lives()
    {
        Beat("own", "other");
        Read();
        _registry["other"] = _registry["other"] with { Incarnation = "second", Beat = 1 };
        Read().ShouldBe(["other"]);
        Alive().ShouldBe(["other", "own"]);
    }

    [Fact]
    public void One_that_has_signed_off_is_gone_at_once()
    {
        Beat("own", "other");
        Read();
        _registry.Remove("other");
        Read().ShouldBe(["other"]);
        Alive().ShouldBe(["own"]);
        Read().ShouldBeEmpty();
    }

    [Fact]
    public void This_node_never_finds_itself_dead()
    {
        Beat("own");
        for (var i = 0; i < 20; i++)
            Read().ShouldBeEmpty();
        Alive().ShouldBe(["own"]);
    }

    [Fact]
    public void What_one_of_all_does_is_divided_evenly_and_stays_where_it_was_when_others_go()
    {
        string[] nodes = ["a", "b", "c", "d"];
        var things = Enumerable.Range(0, 4000).Select(i => $"channel-{i}").ToArray();
        var before = things.ToDictionary(t => t, t => Rendezvous.Choose(t, nodes));
        foreach (var node in nodes)
            before.Values.Count(n => n == node).ShouldBeInRange(800, 1200);
        foreach (var (thing, node) in before)
            if (node != "c")
                Rendezvous.Choose(thing, ["d", "a", "b"]).ShouldBe(node);
    }

    /// <summary>Three reads of four are within the death time.</summary>
    private void OtherStandsStillUntilItIsDead()
    {
        for (var i = 0; i < 3; i++)
        {
            Beat("own");
            Read().ShouldBeEmpty();
        }
        Beat("own");
        Read().ShouldBe(["other"]);
    }

    private void Beat(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            var beat = _registry.TryGetValue(node, out var known) ? known.Beat + 1 : 1;
            _registry[node] = new NodeRecord(node, "first", beat, "", default, 0, 0, 0);
        }
    }

    private IEnumerable<string> Read()
    {
        _now += Heartbeat;
        return _watch.Read([.. _registry.Values], _now).Select(n => n.Node);
    }

    private IEnumerable<string> Alive() => _watch.Alive.Select(n => n.Node).Order(StringComparer.Ordinal);
}
