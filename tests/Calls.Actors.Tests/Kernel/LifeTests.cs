using Calls.Actors.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Kernel;

public sealed class LifeTests
{
    private readonly VirtualWorld _world = new();

    [Fact]
    public void Children_stop_before_their_parent_down_the_whole_tree()
    {
        var diary = new List<string>();
        var actor = _world.Actors.Spawn("1", Tree(diary, depth: 3));
        _world.Settle();

        var stopped = ActorSystem.Stop(actor);
        _world.Settle();

        stopped.IsCompletedSuccessfully.ShouldBeTrue();
        diary.ShouldBe(["/1/2/3", "/1/2", "/1"]);
    }

    [Fact]
    public void The_poison_pill_works_after_what_was_told_before_it()
    {
        var script = new Scripted.Script();
        var actor = _world.Actors.Spawn("a", script.Factory);
        actor.Tell("before");
        actor.Tell(PoisonPill.Instance);
        actor.Tell("after");

        _world.Settle();

        script.Diary.ShouldBe(["start", "before", "stop"]);
    }

    [Fact]
    public void A_watcher_is_told_of_the_stop_once_and_not_of_a_restart()
    {
        var watched = _world.Actors.Spawn(
            "watched",
            new Scripted.Script { Does = (_, m) => throw new CrashException($"{m}") }.Factory
        );
        var watcher = Watcher(watched);
        watched.Tell("crash");
        _world.Pass(TimeSpan.FromSeconds(5));
        watcher.Received.ShouldBe(["go"]);

        watched.Tell(PoisonPill.Instance);
        _world.Settle();

        watcher.Received.ShouldBe(["go", new Terminated(watched)]);
    }

    [Fact]
    public void Who_watches_a_stopped_actor_is_told_at_once()
    {
        var watched = _world.Actors.Spawn("watched", new Scripted.Script().Factory);
        watched.Tell(PoisonPill.Instance);
        _world.Settle();

        Watcher(watched).Received.ShouldBe(["go", new Terminated(watched)]);
    }

    [Fact]
    public void Who_ceased_to_watch_is_not_told()
    {
        var watched = _world.Actors.Spawn("watched", new Scripted.Script().Factory);
        var watcher = Watcher(watched, thenUnwatch: true);
        watched.Tell(PoisonPill.Instance);
        _world.Settle();

        watcher.Received.ShouldBe(["go"]);
    }

    [Fact]
    public void A_parent_that_is_told_of_its_childs_stop_finds_the_name_free()
    {
        var parent = new Scripted.Script
        {
            Does = (self, m) =>
            {
                var child = self.Ctx.Spawn("child", new Scripted.Script().Factory);
                self.Ctx.Watch(child);
                if (m is "go")
                    self.Ctx.Stop(child);
            },
        };
        _world.Actors.Spawn("p", parent.Factory).Tell("go");

        _world.Settle();

        parent.Received.Count.ShouldBe(2);
        _world.Actors.Crashes.ShouldBe(0);
    }

    [Fact]
    public void A_name_is_given_once()
    {
        var actor = _world.Actors.Spawn("a", new Scripted.Script().Factory);
        Should.Throw<InvalidOperationException>(() => _world.Actors.Spawn("a", new Scripted.Script().Factory));

        actor.Tell(PoisonPill.Instance);
        _world.Settle();

        _world.Actors.Spawn("a", new Scripted.Script().Factory).ShouldNotBe(actor);
    }

    [Fact]
    public void The_end_of_the_system_stops_all_and_nothing_can_be_made_any_more()
    {
        var scripts = Enumerable.Range(0, 3).Select(_ => new Scripted.Script()).ToList();
        foreach (var (i, script) in scripts.Index())
            _world.Actors.Spawn($"a{i}", script.Factory);

        _world.Now(async () =>
        {
            await _world.Actors.DisposeAsync();
            return true;
        });

        scripts.ShouldAllBe(s => s.Diary.SequenceEqual(new[] { "start", "stop" }));
        Should.Throw<ObjectDisposedException>(() => _world.Actors.Spawn("late", new Scripted.Script().Factory));
    }

    [Fact]
    public void What_is_stashed_comes_back_in_order_before_what_waits()
    {
        var ready = false;
        var script = new Scripted.Script
        {
            Does = (self, m) =>
            {
                if (m is "open")
                {
                    ready = true;
                    self.Ctx.UnstashAll();
                }
                else if (!ready)
                    self.Ctx.Stash().ShouldBeTrue();
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        foreach (var message in new[] { "1", "2", "open", "3" })
            actor.Tell(message);

        _world.Settle();

        script.Received.ShouldBe(["1", "2", "open", "1", "2", "3"]);
    }

    [Fact]
    public void A_full_stash_rejects_and_the_stash_of_an_actor_that_stops_is_answered()
    {
        var stashed = new List<bool>();
        var script = new Scripted.Script { Does = (self, _) => stashed.Add(self.Ctx.Stash()) };
        var actor = _world.Actors.Spawn("a", script.Factory, new ActorOptions { StashCapacity = 1 });
        var asks = Enumerable.Range(0, 2).Select(_ => Ask(actor)).ToList();
        _world.Settle();
        stashed.ShouldBe([true, false]);
        asks[1].Exception!.InnerException.ShouldBeOfType<MailboxFullException>();
        asks[0].IsCompleted.ShouldBeFalse();

        actor.Tell(PoisonPill.Instance);
        _world.Settle();

        asks[0].Exception!.InnerException.ShouldBeOfType<ActorStoppedException>();
    }

    [Fact]
    public void What_a_crashed_instance_had_stashed_comes_to_the_next_before_what_it_crashed_on()
    {
        var crashed = false;
        var script = new Scripted.Script
        {
            Does = (self, m) =>
            {
                if (m is "stash me" && !crashed)
                    self.Ctx.Stash();
                if (m is not "crash" || crashed)
                    return;
                crashed = true;
                throw new CrashException("boom");
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        actor.Tell("stash me");
        actor.Tell("crash");
        actor.Tell("later");

        _world.Pass(TimeSpan.FromSeconds(1));

        script.Received.ShouldBe(["stash me", "crash", "stash me", "crash", "later"]);
    }

    [Fact]
    public void A_message_that_was_stashed_before_the_crash_on_it_comes_again_once()
    {
        var crashed = false;
        var script = new Scripted.Script
        {
            Does = (self, _) =>
            {
                if (crashed)
                    return;
                crashed = true;
                self.Ctx.Stash();
                throw new CrashException("boom");
            },
        };
        _world.Actors.Spawn("a", script.Factory).Tell("once");

        _world.Pass(TimeSpan.FromSeconds(1));

        script.Received.ShouldBe(["once", "once"]);
    }

    private static Task<string> Ask(IActorRef actor) =>
        actor.Ask<string>(reply => new Question(reply), TimeSpan.FromSeconds(5));

    private Scripted.Script Watcher(IActorRef watched, bool thenUnwatch = false)
    {
        var script = new Scripted.Script
        {
            Does = (self, m) =>
            {
                if (m is not "go")
                    return;
                self.Ctx.Watch(watched);
                self.Ctx.Watch(watched);
                if (thenUnwatch)
                    self.Ctx.Unwatch(watched);
            },
        };
        _world.Actors.Spawn("watcher", script.Factory).Tell("go");
        _world.Settle();
        return script;
    }

    private static Func<Actor> Tree(List<string> diary, int depth, int level = 1) =>
        new Scripted.Script
        {
            OnStart = self =>
            {
                if (level < depth)
                    self.Ctx.Spawn($"{level + 1}", Tree(diary, depth, level + 1));
                return ValueTask.CompletedTask;
            },
            OnStop = self =>
            {
                diary.Add(self.Ctx.Self.Path);
                return ValueTask.CompletedTask;
            },
        }.Factory;
}
