using Calls.Actors.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Kernel;

public sealed class MessageTests
{
    private readonly VirtualWorld _world = new();

    [Fact]
    public void Messages_of_one_sender_come_in_their_order()
    {
        var script = new Scripted.Script();
        var actor = _world.Actors.Spawn("a", script.Factory);
        for (var i = 0; i < 100; i++)
            actor.Tell(i);

        _world.Settle();

        script.Received.ShouldBe(Enumerable.Range(0, 100).Cast<object>());
    }

    [Fact]
    public void A_message_is_done_before_the_next_begins_though_it_waits_in_between()
    {
        var inside = 0;
        var most = 0;
        var script = new Scripted.Script
        {
            On = async (self, _) =>
            {
                most = Math.Max(most, ++inside);
                await Task.Delay(TimeSpan.FromSeconds(1), self.Ctx.Time);
                await Task.Yield();
                inside--;
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        for (var i = 0; i < 5; i++)
            actor.Tell(i);

        _world.Pass(TimeSpan.FromSeconds(10));

        (script.Received.Count, most, inside).ShouldBe((5, 1, 0));
    }

    [Fact]
    public async Task One_at_a_time_also_holds_on_many_threads()
    {
        var count = 0;
        var script = new Scripted.Script
        {
            On = async (_, _) =>
            {
                var before = count;
                await Task.Yield();
                count = before + 1;
            },
        };
        await using var actors = new ActorSystem(
            TaskScheduler.Default,
            TimeProvider.System,
            new Random(1),
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
        );
        var actor = actors.Spawn("a", script.Factory, new ActorOptions { MailboxCapacity = 10_000 });
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ => Task.Run(() => Enumerable.Range(0, 1000).ToList().ForEach(i => actor.Tell(i))))
        );
        actor.Tell(PoisonPill.Instance);
        await ActorSystem.WhenStopped(actor);

        count.ShouldBe(8000);
    }

    [Fact]
    public void Awaits_continue_on_the_dispatcher()
    {
        var schedulers = new List<TaskScheduler>();
        var script = new Scripted.Script
        {
            On = async (_, _) =>
            {
                await Task.Yield();
                schedulers.Add(TaskScheduler.Current);
            },
        };
        _world.Actors.Spawn("a", script.Factory).Tell("go");

        _world.Settle();

        schedulers.ShouldBe([_world.Scheduler]);
    }

    [Fact]
    public void An_answer_ends_the_ask()
    {
        var actor = Spawn((_, message) => ((Question)message).ReplyTo.Tell("42"));

        _world.Now(Ask(actor)).ShouldBe("42");
        _world.Time.NextDue.ShouldBeNull("the deadline is let go");
    }

    [Fact]
    public void An_ask_without_an_answer_fails_when_its_deadline_has_passed_and_not_before()
    {
        var actor = Spawn((_, _) => { });
        var ask = Ask(actor, seconds: 3);

        _world.Pass(TimeSpan.FromSeconds(2.999));
        ask.IsCompleted.ShouldBeFalse();
        _world.Pass(TimeSpan.FromSeconds(0.001));

        ask.Exception!.InnerException.ShouldBeOfType<AskTimeoutException>().Message.ShouldContain("/a");
    }

    [Fact]
    public void An_asker_learns_at_once_that_the_actor_crashed_and_stopped()
    {
        var actor = Spawn((_, _) => throw new CrashException("boom"), Directive.Stop);

        var failure = Should.Throw<ActorFailedException>(() => _world.Now(Ask(actor)));

        failure.InnerException.ShouldBeOfType<CrashException>();
    }

    [Fact]
    public void Askers_in_the_mailbox_of_an_actor_that_stops_learn_at_once()
    {
        var actor = Spawn((self, _) => self.Ctx.Stop(self.Ctx.Self));
        var asks = Enumerable.Range(0, 3).Select(_ => Ask(actor)).ToList();

        _world.Settle();

        asks.ShouldAllBe(a => a.Exception!.InnerException is ActorStoppedException);
        Should.Throw<ActorStoppedException>(() => _world.Now(Ask(actor)));
    }

    [Fact]
    public void An_asker_who_was_to_be_answered_later_learns_that_the_actor_ended()
    {
        var (keeps, crashes) = (Spawn((_, _) => { }, name: "keeps"), Spawn((_, m) => Crash(m), name: "crashes"));
        var (stopped, crashed) = (Ask(keeps), Ask(crashes));
        _world.Settle();

        keeps.Tell(PoisonPill.Instance);
        crashes.Tell("crash");
        _world.Settle();

        stopped.Exception!.InnerException.ShouldBeOfType<ActorStoppedException>();
        crashed.Exception!.InnerException.ShouldBeOfType<ActorFailedException>();

        static void Crash(object message)
        {
            if (message is "crash")
                throw new CrashException("boom");
        }
    }

    [Fact]
    public void A_forwarded_message_is_answered_by_whom_it_was_forwarded_to()
    {
        var answers = Spawn((_, m) => ((Question)m).ReplyTo.Tell("from b"), name: "b");
        var forwards = Spawn((self, _) => self.Ctx.Forward(answers));
        var ask = Ask(forwards);
        forwards.Tell(PoisonPill.Instance);

        _world.Now(ask).ShouldBe("from b");
    }

    [Fact]
    public void A_full_mailbox_rejects_what_comes_last_and_its_asker_learns_at_once()
    {
        var script = new Scripted.Script();
        var actor = _world.Actors.Spawn("a", script.Factory, new ActorOptions { MailboxCapacity = 3 });
        for (var i = 0; i < 5; i++)
            actor.Tell(i);
        var ask = Ask(actor);

        _world.Scheduler.Steps.ShouldBe(0, "nothing was handled yet");
        Should.Throw<MailboxFullException>(() => _world.Now(ask));
        _world.Actors.Rejected.ShouldBe(3);
        _world.Settle();
        script.Received.ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void A_full_mailbox_still_takes_timers_and_the_poison_pill()
    {
        var release = new TaskCompletionSource();
        var script = new Scripted.Script
        {
            OnStart = self =>
            {
                self.Ctx.Timers.StartSingleTimer("t", "timer", TimeSpan.FromSeconds(1));
                return ValueTask.CompletedTask;
            },
            On = async (_, m) => await (m is "wait" ? release.Task : Task.CompletedTask),
        };
        var actor = _world.Actors.Spawn("a", script.Factory, new ActorOptions { MailboxCapacity = 1 });
        actor.Tell("wait");
        _world.Settle();
        actor.Tell("fills");
        _world.Pass(TimeSpan.FromSeconds(1));
        actor.Tell(PoisonPill.Instance);

        release.SetResult();
        _world.Settle();

        script.Diary.ShouldBe(["start", "wait", "fills", "timer", "stop"]);
    }

    [Fact]
    public void Messages_to_a_stopped_actor_are_counted()
    {
        var actor = Spawn((_, _) => { });
        actor.Tell(PoisonPill.Instance);
        actor.Tell("too late");
        _world.Settle();
        actor.Tell("much too late");

        _world.Actors.DeadLetters.ShouldBe(2);
    }

    private static Task<string> Ask(IActorRef actor, double seconds = 5) =>
        actor.Ask<string>(reply => new Question(reply), TimeSpan.FromSeconds(seconds));

    private IActorRef Spawn(Action<Scripted, object> does, Directive onCrash = Directive.Restart, string name = "a") =>
        _world.Actors.Spawn(
            name,
            new Scripted.Script { Does = does }.Factory,
            new ActorOptions { Supervision = new Supervision { Decide = _ => onCrash } }
        );
}
