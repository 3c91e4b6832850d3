using Calls.Actors.Cluster;
using Calls.TestKit;

namespace Calls.Actors.Tests.Cluster;

public sealed class PlacementTests
{
    private readonly ClusterView _view = new("own", "i", new VirtualTime(), TimeSpan.FromSeconds(2));

    [Fact]
    public void A_call_stays_where_it_was_asked_for_while_others_have_hardly_less_to_do()
    {
        _view.Show([Node("own", sessions: 8), Node("other", sessions: 0)]);
        _view.Place().ShouldBe("own");
    }

    [Fact]
    public void It_goes_to_the_one_with_the_least_to_do()
    {
        _view.Show([Node("own", sessions: 50), Node("busy", sessions: 30), Node("idle", sessions: 10)]);
        _view.Place().ShouldBe("idle");
    }

    [Fact]
    public void Many_at_once_are_spread_although_the_figures_are_old()
    {
        _view.Show([Node("own", sessions: 100), Node("a", sessions: 0), Node("b", sessions: 0)]);
        var places = Enumerable.Range(0, 60).Select(_ => _view.Place()).ToArray();
        places.Count(p => p == "a").ShouldBe(30);
        places.Count(p => p == "b").ShouldBe(30);
    }

    [Fact]
    public void A_draining_node_gets_none_and_keeps_none()
    {
        _view.Show([Node("own", sessions: 100), Node("leaving", sessions: 0, isDraining: true), Node("other", 90)]);
        _view.Place().ShouldBe("other");
        _view.HasSuccessor.ShouldBeTrue();
        _view.Show([Node("own", sessions: 0), Node("other", sessions: 500)]);
        _view.IsDraining = true;
        _view.Place().ShouldBe("other");
    }

    [Fact]
    public void With_nobody_else_to_take_it_it_stays_even_at_a_draining_node()
    {
        _view.Show([Node("own", sessions: 3), Node("leaving", sessions: 0, isDraining: true)]);
        _view.IsDraining = true;
        _view.HasSuccessor.ShouldBeFalse();
        _view.Place().ShouldBe("own");
    }

    private static NodeRecord Node(string id, int sessions, bool isDraining = false) =>
        new(id, "i", 1, "", DateTimeOffset.UnixEpoch, Calls: 0, sessions, Connections: 0, isDraining);
}
