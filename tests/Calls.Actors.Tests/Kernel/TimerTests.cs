using Calls.Actors.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Kernel;

public sealed class TimerTests
{
    private readonly VirtualWorld _world = new();

    [Fact]
    public void A_single_timer_tells_once_at_its_time()
    {
        var (script, _) = Spawn(t => t.StartSingleTimer("ring", "ring over", TimeSpan.FromSeconds(90)));

        _world.Pass(TimeSpan.FromSeconds(89.999));
        script.Received.ShouldBeEmpty();
        _world.Pass(TimeSpan.FromSeconds(0.001));
        _world.Pass(TimeSpan.FromHours(1));

        script.Received.ShouldBe(["ring over"]);
    }

    [Fact]
    public void A_periodic_timer_tells_until_it_is_cancelled()
    {
        var (script, actor) = Spawn(
            t => t.StartPeriodicTimer("beat", "beat", TimeSpan.FromSeconds(1)),
            (self, m) =>
            {
                if (m is "enough")
                    self.Ctx.Timers.Cancel("beat");
            }
        );

        _world.Pass(TimeSpan.FromSeconds(3));
        actor.Tell("enough");
        _world.Pass(TimeSpan.FromSeconds(10));

        script.Received.ShouldBe(["beat", "beat", "beat", "enough"]);
        _world.Time.NextDue.ShouldBeNull();
    }

    [Fact]
    public void Beats_missed_while_the_actor_was_busy_come_once()
    {
        var release = new TaskCompletionSource();
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                self.Ctx.Timers.StartPeriodicTimer("beat", "beat", TimeSpan.FromSeconds(1));
                return ValueTask.CompletedTask;
            },
            On = async (_, m) => await (m is "busy" ? release.Task : Task.CompletedTask),
        };
        _world.Actors.Spawn("a", script.Factory).Tell("busy");
        _world.Pass(TimeSpan.FromSeconds(10.5));

        release.SetResult();
        _world.Settle();

        script.Received.ShouldBe(["busy", "beat"]);
    }

    [Fact]
    public void A_timer_that_is_replaced_or_cancelled_is_not_received_even_from_the_mailbox()
    {
        var release = new TaskCompletionSource();
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                self.Ctx.Timers.StartSingleTimer("a", "old a", TimeSpan.FromSeconds(1));
                self.Ctx.Timers.StartSingleTimer("b", "b", TimeSpan.FromSeconds(1));
                return ValueTask.CompletedTask;
            },
            On = async (self, m) =>
            {
                if (m is not "busy")
                    return;
                await release.Task;
                self.Ctx.Timers.StartSingleTimer("a", "new a", TimeSpan.FromSeconds(1));
                self.Ctx.Timers.Cancel("b");
                self.Ctx.Timers.IsTimerActive("a").ShouldBeTrue();
                self.Ctx.Timers.IsTimerActive("b").ShouldBeFalse();
            },
        };
        _world.Actors.Spawn("a", script.Factory).Tell("busy");
        _world.Pass(TimeSpan.FromSeconds(5)); // both have fired and wait in the mailbox

        release.SetResult();
        _world.Pass(TimeSpan.FromSeconds(5));

        script.Received.ShouldBe(["busy", "new a"]);
    }

    [Fact]
    public void Timers_end_with_the_instance_that_set_them()
    {
        var starts = 0;
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                if (starts++ == 0)
                    self.Ctx.Timers.StartSingleTimer("t", "of the first", TimeSpan.FromSeconds(1));
                return ValueTask.CompletedTask;
            },
            Does = (_, m) => throw new CrashException($"{m}"),
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        actor.Tell("crash");

        _world.Pass(TimeSpan.FromMinutes(1));
        script.Received.ShouldBe(["crash", "crash"]);
        actor.Tell(PoisonPill.Instance);
        _world.Settle();

        _world.Time.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_receive_timeout_comes_when_nothing_else_has_for_so_long()
    {
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                self.Ctx.SetReceiveTimeout(TimeSpan.FromSeconds(10));
                return ValueTask.CompletedTask;
            },
            Does = (self, m) =>
            {
                if (m is ReceiveTimeout)
                    self.Ctx.Stop(self.Ctx.Self);
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        for (var i = 0; i < 5; i++)
        {
            _world.Pass(TimeSpan.FromSeconds(9));
            actor.Tell(i);
        }
        _world.Pass(TimeSpan.FromSeconds(9.9));
        script.Diary[^1].ShouldBe("4");

        _world.Pass(TimeSpan.FromSeconds(0.1));

        script.Received[^1].ShouldBeOfType<ReceiveTimeout>();
        script.Diary[^1].ShouldBe("stop");
        _world.Time.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_receive_timeout_can_be_ended()
    {
        var (script, actor) = Spawn(_ => { }, (self, m) => self.Ctx.SetReceiveTimeout((TimeSpan?)(m as object[])![0]));
        actor.Tell(new object[] { TimeSpan.FromSeconds(1) });
        _world.Settle();
        actor.Tell(new object[] { null! });

        _world.Pass(TimeSpan.FromMinutes(1));

        script.Received.Count.ShouldBe(2);
    }

    private (Scripted.Script, IActorRef) Spawn(Action<ActorTimers> start, Action<Scripted, object>? does = null)
    {
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                start(self.Ctx.Timers);
                return ValueTask.CompletedTask;
            },
            Does = does ?? ((_, _) => { }),
        };
        return (script, _world.Actors.Spawn("a", script.Factory));
    }
}
