using Calls.Actors.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Kernel;

public sealed class DeterminismTests
{
    [Fact]
    public void The_same_seed_gives_the_same_trace() =>
        Enumerable.Range(0, 20).ShouldAllBe(seed => Trace(seed) == Trace(seed));

    [Fact]
    public void Another_seed_gives_another_order() =>
        Enumerable.Range(0, 20).Select(Trace).Distinct().Count().ShouldBeGreaterThan(15);

    [Fact]
    public void A_killed_process_takes_no_further_step_while_the_others_go_on()
    {
        var world = new VirtualWorld();
        var (first, process) = world.NewProcess();
        var (second, _) = world.NewProcess();
        var (killed, living) = (Beats(), Beats());
        first.Spawn("a", killed.Factory).Tell("begin");
        second.Spawn("a", living.Factory).Tell("begin");
        world.Pass(TimeSpan.FromSeconds(2.5));

        process.Kill();
        world.Pass(TimeSpan.FromSeconds(10));

        killed.Diary.ShouldBe(["start", "begin", "beat", "beat"]);
        living.Diary.Count.ShouldBe(14);
    }

    private static Scripted.Script Beats() =>
        new()
        {
            OnStart = self =>
            {
                self.Ctx.Timers.StartPeriodicTimer("beat", "beat", TimeSpan.FromSeconds(1));
                return ValueTask.CompletedTask;
            },
        };

    /// <summary>What ten actors that talk, wait, crash and come back do in ten minutes.</summary>
    private static string Trace(int seed)
    {
        var world = new VirtualWorld(seed);
        var trace = new List<string>();
        var actors = new List<IActorRef>();
        for (var i = 0; i < 10; i++)
            actors.Add(world.Actors.Spawn($"a{i}", Chatter(world, trace, actors).Factory));
        foreach (var actor in actors)
            actor.Tell(8);
        world.Pass(TimeSpan.FromMinutes(10));
        return string.Join('\n', trace);
    }

    private static Scripted.Script Chatter(VirtualWorld world, List<string> trace, List<IActorRef> actors) =>
        new()
        {
            On = async (self, message) =>
            {
                if (message is Question question)
                {
                    trace.Add($"{world.Time.GetTimestamp()} {self.Ctx.Self} is asked");
                    question.ReplyTo.Tell(self.Ctx.Self.Path);
                    return;
                }
                var left = (int)message;
                trace.Add($"{world.Time.GetTimestamp()} {self.Ctx.Self} {left}");
                if (left == 0)
                    return;
                await Task.Yield();
                if (left % 3 == 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(1, 500)), self.Ctx.Time);
                if (left == 4 && world.Random.Next(2) == 0)
                    throw new CrashException("by chance");
                if (left % 2 == 0)
                    trace.Add(string.Join(' ', await Task.WhenAll(AskTwo(world, actors, self.Ctx.Self))));
                actors[world.Random.Next(actors.Count)].Tell(left - 1);
                self.Ctx.Timers.StartSingleTimer(left, 0, TimeSpan.FromMilliseconds(world.Random.Next(100)));
            },
        };

    private static IEnumerable<Task<string>> AskTwo(VirtualWorld world, List<IActorRef> actors, IActorRef self) =>
        Enumerable
            .Range(0, 2)
            .Select(_ => actors[world.Random.Next(actors.Count)])
            .Where(actor => actor != self)
            .Select(actor => actor.Ask<string>(reply => new Question(reply), TimeSpan.FromSeconds(1)));
}
