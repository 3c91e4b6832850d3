using Calls.Actors.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Kernel;

public sealed class SupervisionTests
{
    private static readonly Supervision NoJitter = new() { Jitter = 0 };

    private readonly VirtualWorld _world = new();

    [Fact]
    public void A_crash_makes_a_new_instance_which_takes_over_the_mailbox()
    {
        var instances = 0;
        var script = new Scripted.Script { Does = (_, m) => CrashOn("bad", m) };
        var actor = _world.Actors.Spawn("a", () => new Scripted(Counted(script)));
        actor.Tell("one");
        actor.Tell("bad");
        actor.Tell("two");

        _world.Pass(TimeSpan.FromMinutes(1));

        script.Diary.ShouldBe(
            ["start", "one", "bad", "restart: bad", "start", "bad", "restart: bad", "start", "two"],
            "the message is tried twice, then dropped"
        );
        instances.ShouldBe(3);
        _world.Actors.GivenUp.ShouldBe(1);

        Scripted.Script Counted(Scripted.Script s)
        {
            instances++;
            return s;
        }
    }

    [Fact]
    public void A_message_that_only_failed_once_is_handled_by_the_next_instance()
    {
        var times = 0;
        var script = new Scripted.Script
        {
            Does = (_, m) =>
            {
                if (times++ == 0)
                    throw new CrashException("passing fault");
                ((Question)m).ReplyTo.Tell("done");
            },
        };
        var ask = _world
            .Actors.Spawn("a", script.Factory)
            .Ask<string>(reply => new Question(reply), TimeSpan.FromSeconds(5));

        _world.Pass(TimeSpan.FromSeconds(1));

        _world.Now(ask).ShouldBe("done");
        _world.Actors.GivenUp.ShouldBe(0);
    }

    [Fact]
    public void The_asker_of_a_poison_message_gets_the_failure_and_the_next_one_its_answer()
    {
        var script = new Scripted.Script
        {
            Does = (_, m) =>
            {
                var question = (Question)m;
                if (question.Text == "poison")
                    throw new CrashException("cannot swallow");
                question.ReplyTo.Tell("fine");
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        var bad = actor.Ask<string>(r => new Question(r, "poison"), TimeSpan.FromSeconds(5));
        var good = actor.Ask<string>(r => new Question(r, "food"), TimeSpan.FromSeconds(5));

        _world.Pass(TimeSpan.FromSeconds(1));

        bad.Exception!.InnerException.ShouldBeOfType<ActorFailedException>()
            .InnerException!.Message.ShouldBe("cannot swallow");
        _world.Now(good).ShouldBe("fine");
    }

    [Fact]
    public void The_pauses_double_up_to_the_longest_and_begin_anew_after_a_good_while()
    {
        var starts = new List<TimeSpan>();
        var began = _world.Time.GetTimestamp();
        var script = new Scripted.Script
        {
            OnStart = _ =>
            {
                starts.Add(_world.Time.GetElapsedTime(began));
                return starts.Count <= 5 ? throw new CrashException("not yet") : ValueTask.CompletedTask;
            },
            Does = (_, m) => CrashOn("bad", m),
        };
        var supervision = NoJitter with { MaxBackoff = TimeSpan.FromMilliseconds(500) };
        var actor = _world.Actors.Spawn("a", script.Factory, new ActorOptions { Supervision = supervision });

        _world.Pass(supervision.ResetAfter + TimeSpan.FromMilliseconds(1700));
        actor.Tell("bad");
        _world.Pass(TimeSpan.FromMilliseconds(100));

        starts[..6].Select(s => s.TotalMilliseconds).ShouldBe([0, 100, 300, 700, 1200, 1700]);
        starts.Count.ShouldBe(7, "after ResetAfter without a crash the pause is the shortest again");
    }

    [Fact]
    public void Jitter_adds_its_share_at_most()
    {
        var supervision = new Supervision { Jitter = 0.5 };

        supervision.Backoff(0, 0).ShouldBe(TimeSpan.FromMilliseconds(100));
        supervision.Backoff(0, 1).ShouldBe(TimeSpan.FromMilliseconds(150));
        supervision.Backoff(60, 1).ShouldBe(TimeSpan.FromSeconds(15));
        supervision.Backoff(5000, 0).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void While_the_pause_runs_messages_stay_in_the_mailbox_and_a_stop_is_heard()
    {
        var script = new Scripted.Script { Does = (_, m) => CrashOn("bad", m) };
        var actor = _world.Actors.Spawn("a", script.Factory);
        actor.Tell("bad");
        _world.Settle();
        var ask = actor.Ask<string>(r => new Question(r), TimeSpan.FromSeconds(5));
        _world.Settle();
        script.Diary.ShouldBe(["start", "bad", "restart: bad"]);

        var stopped = ActorSystem.Stop(actor);
        _world.Settle();

        stopped.IsCompletedSuccessfully.ShouldBeTrue();
        ask.Exception!.InnerException.ShouldBeOfType<ActorStoppedException>();
        _world.Pass(TimeSpan.FromMinutes(1));
        script.Diary.Count(d => d == "start").ShouldBe(1);
    }

    [Fact]
    public void Stop_stops_and_the_siblings_live_on()
    {
        var sibling = new Scripted.Script();
        var script = new Scripted.Script { Does = (_, m) => CrashOn("bad", m) };
        var options = new ActorOptions { Supervision = new Supervision { Decide = _ => Directive.Stop } };
        var actor = _world.Actors.Spawn("a", script.Factory, options);
        var other = _world.Actors.Spawn("b", sibling.Factory);
        actor.Tell("bad");
        _world.Settle();
        other.Tell("still here");
        _world.Settle();

        script.Diary.ShouldBe(["start", "bad", "stop"]);
        sibling.Diary.ShouldBe(["start", "still here"]);
    }

    [Fact]
    public void A_child_that_crashes_does_not_touch_its_parent()
    {
        var child = new Scripted.Script { Does = (_, m) => CrashOn("bad", m) };
        var parent = Parent(child, Directive.Restart);
        _world.Actors.Spawn("p", parent.Factory).Tell("bad");

        _world.Pass(TimeSpan.FromSeconds(1));

        parent.Diary.ShouldBe(["start", "bad"]);
        child.Diary.ShouldContain("restart: bad");
    }

    [Fact]
    public void Escalate_crashes_the_parent_which_comes_back_with_new_children()
    {
        var diary = new List<string>();
        var child = new Scripted.Script { Diary = diary, Does = (_, m) => CrashOn("bad", m) };
        var parent = Parent(child, Directive.Escalate);
        var actor = _world.Actors.Spawn("p", parent.Factory);
        actor.Tell("bad");
        _world.Pass(TimeSpan.FromSeconds(1));
        actor.Tell("good");
        _world.Settle();

        parent.Diary.ShouldBe(["start", "bad", "restart: bad", "start", "good"]);
        diary.ShouldBe(["start", "bad", "stop", "start", "good"]);
    }

    [Fact]
    public void Escalate_at_the_top_stops()
    {
        var script = new Scripted.Script { Does = (_, m) => CrashOn("bad", m) };
        var options = new ActorOptions { Supervision = new Supervision { Decide = _ => Directive.Escalate } };
        var actor = _world.Actors.Spawn("a", script.Factory, options);
        actor.Tell("bad");
        _world.Settle();

        ActorSystem.WhenStopped(actor).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_factory_that_throws_is_a_crash_like_any_other()
    {
        var attempts = 0;
        var script = new Scripted.Script();
        var actor = _world.Actors.Spawn(
            "a",
            () => ++attempts < 3 ? throw new CrashException("no memory") : new Scripted(script)
        );
        actor.Tell("waits");

        _world.Pass(TimeSpan.FromSeconds(1));

        script.Diary.ShouldBe(["start", "waits"]);
        attempts.ShouldBe(3);
    }

    [Fact]
    public void A_restart_waits_until_the_children_have_stopped_so_that_their_names_are_free()
    {
        var release = new TaskCompletionSource();
        var child = new Scripted.Script { OnStop = async _ => await release.Task };
        var parent = Parent(child, Directive.Restart, (_, m) => CrashOn("bad", m));
        _world.Actors.Spawn("p", parent.Factory).Tell("bad");

        _world.Pass(TimeSpan.FromSeconds(5));
        parent.Diary.ShouldBe(["start", "bad", "restart: bad"]);
        release.SetResult();
        _world.Settle();

        parent.Diary[..4].ShouldBe(["start", "bad", "restart: bad", "start"]);
    }

    /// <summary>Makes its child at start, and hands on to it what it is told.</summary>
    private static Scripted.Script Parent(
        Scripted.Script child,
        Directive onCrash,
        Action<Scripted, object>? first = null
    ) =>
        new()
        {
            OnStart = self =>
            {
                var supervision = NoJitter with { Decide = _ => onCrash };
                self.Ctx.Spawn("child", child.Factory, new ActorOptions { Supervision = supervision });
                return ValueTask.CompletedTask;
            },
            Does = (self, m) =>
            {
                first?.Invoke(self, m);
                self.Ctx.Child("child")!.Tell(m);
            },
        };

    private static void CrashOn(string bad, object message)
    {
        if (message.Equals(bad))
            throw new CrashException(bad);
    }
}
