using System.Collections.Concurrent;
using System.Diagnostics;
using Calls.Actors.Kernel;
using Calls.Actors.Tests.Kernel;
using Calls.TestKit;

namespace Calls.Actors.Tests.Telemetry;

/// <summary>A trace goes on with the messages that belong to it, and with no others.</summary>
public sealed class ActorTraceTests : IDisposable
{
    private static readonly ActivitySource Outside = new("Calls.Actors.Tests.Outside");

    private readonly VirtualWorld _world = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public ActorTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is ActorTraces.SourceName or "Calls.Actors.Tests.Outside",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_message_and_what_it_causes_are_below_what_sent_it()
    {
        var second = _world.Actors.Spawn("second", new Scripted.Script().Factory);
        var first = _world.Actors.Spawn(
            "first",
            new Scripted.Script { Does = (_, m) => second.Tell($"{m}, on") }.Factory
        );
        _world.Settle();

        using (var outside = Outside.StartActivity("outside")!)
        {
            first.Tell("go");
            outside.Stop();
            _world.Settle();
            var spans = Of(outside.TraceId);
            spans.Length.ShouldBe(3, "the sender and two messages");
            spans[1].ParentSpanId.ShouldBe(outside.SpanId);
            spans[1].DisplayName.ShouldBe("process Scripted");
            spans[2].ParentSpanId.ShouldBe(spans[1].SpanId);
        }
    }

    [Fact]
    public void A_message_without_a_cause_makes_no_span_even_if_one_with_a_cause_woke_the_actor()
    {
        Activity? seen = null;
        var script = new Scripted.Script { Does = (_, m) => seen = (string)m == "stray" ? Activity.Current : seen };
        var actor = _world.Actors.Spawn("a", script.Factory);
        _world.Settle();

        using var outside = Outside.StartActivity("outside")!;
        actor.Tell("go");
        outside.Stop();
        actor.Tell("stray");
        _world.Settle();

        script.Received.ShouldBe(["go", "stray"]);
        seen.ShouldBeNull();
        Of(outside.TraceId).Length.ShouldBe(2);
    }

    [Fact]
    public void A_timer_begins_a_trace_of_its_own()
    {
        Activity? seen = null;
        var script = new Scripted.Script
        {
            Does = (self, m) =>
            {
                if ((string)m == "go")
                    self.Ctx.Timers.StartSingleTimer("t", "ring", TimeSpan.FromSeconds(90));
                else
                    seen = Activity.Current;
            },
        };
        var actor = _world.Actors.Spawn("a", script.Factory);
        _world.Settle();
        using var outside = Outside.StartActivity("outside")!;
        actor.Tell("go");
        _world.Settle();
        outside.Stop();

        _world.Pass(TimeSpan.FromSeconds(91));

        seen.ShouldNotBeNull();
        seen.TraceId.ShouldNotBe(outside.TraceId);
        seen.ParentSpanId.ShouldBe(default);
    }

    [Fact]
    public void A_forwarded_message_stays_below_its_sender_and_a_crash_shows()
    {
        var worker = _world.Actors.Spawn(
            "worker",
            new Scripted.Script { Does = (_, _) => throw new CrashException("bad") }.Factory
        );
        var front = _world.Actors.Spawn(
            "front",
            new Scripted.Script { Does = (self, _) => self.Ctx.Forward(worker) }.Factory
        );
        _world.Settle();
        using var outside = Outside.StartActivity("outside")!;
        front.Tell("go");
        outside.Stop();
        _world.Settle();

        var spans = Of(outside.TraceId);
        spans.Skip(1).ShouldAllBe(span => span.ParentSpanId == outside.SpanId);
        var failed = spans.First(span => span.Status == ActivityStatusCode.Error);
        failed.GetTagItem(ActorTraces.ErrorType).ShouldBe(typeof(CrashException).FullName);
    }

    private Activity[] Of(ActivityTraceId trace) => [.. _spans.Where(span => span.TraceId == trace)];
}
