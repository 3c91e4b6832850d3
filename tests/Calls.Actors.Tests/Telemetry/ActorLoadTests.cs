using Calls.Actors.Kernel;
using Calls.Actors.Tests.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Telemetry;

/// <summary>What can be seen of actors from outside.</summary>
public sealed class ActorLoadTests
{
    private readonly VirtualWorld _world = new();

    private ActorLoad Load => _world.Actors.Loads().Single();

    [Fact]
    public void Messages_that_wait_are_counted_in_all_mailboxes_and_in_the_fullest()
    {
        var script = new Scripted.Script();
        var (busy, idle) = (_world.Actors.Spawn("a", script.Factory), _world.Actors.Spawn("b", script.Factory));
        _world.Settle();
        for (var i = 0; i < 3; i++)
            busy.Tell(i);
        idle.Tell("one");
        Load.ShouldBe(new ActorLoad(nameof(Scripted), Actors: 2, Waiting: 4, Deepest: 3, Restarts: 0));

        _world.Settle();

        Load.ShouldBe(new ActorLoad(nameof(Scripted), Actors: 2, Waiting: 0, Deepest: 0, Restarts: 0));
    }

    [Fact]
    public void Restarts_are_counted_and_outlive_the_actor()
    {
        var script = new Scripted.Script { Does = (_, _) => throw new CrashException("bad") };
        var actor = _world.Actors.Spawn("a", script.Factory);
        actor.Tell("bad");
        _world.Pass(TimeSpan.FromMinutes(1));
        Load.Restarts.ShouldBe(2, "the message is tried twice");
        Load.Actors.ShouldBe(1);

        _ = ActorSystem.Stop(actor);
        _world.Settle();

        Load.ShouldBe(new ActorLoad(nameof(Scripted), Actors: 0, Waiting: 0, Deepest: 0, Restarts: 2));
    }

    [Fact]
    public void A_parent_that_stops_takes_its_children_out_of_the_count()
    {
        var child = new Scripted.Script();
        var parent = new Scripted.Script
        {
            OnStart = self =>
            {
                self.Ctx.Spawn("child", child.Factory);
                return ValueTask.CompletedTask;
            },
        };
        var actor = _world.Actors.Spawn("a", parent.Factory);
        _world.Settle();
        Load.Actors.ShouldBe(2);

        _ = ActorSystem.Stop(actor);
        _world.Settle();

        Load.Actors.ShouldBe(0);
    }
}
