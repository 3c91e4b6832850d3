using Calls.Actors.Kernel;

namespace Calls.Actors.Tests.Kernel;

/// <summary>An actor whose behaviour a test writes down where it is needed; keeps a diary of what it goes through.</summary>
internal sealed class Scripted(Scripted.Script script) : Actor
{
    public ActorContext Ctx => Context;

    protected internal override ValueTask PreStart()
    {
        script.Diary.Add("start");
        return script.OnStart(this);
    }

    protected internal override ValueTask PostStop()
    {
        script.Diary.Add("stop");
        return script.OnStop(this);
    }

    protected internal override ValueTask PreRestart(Exception reason)
    {
        script.Diary.Add($"restart: {reason.Message}");
        return ValueTask.CompletedTask;
    }

    protected internal override async ValueTask Receive(object message)
    {
        script.Received.Add(message);
        script.Diary.Add(message.ToString()!);
        await script.On(this, message);
    }

    /// <summary>Shared by all instances that take over from each other.</summary>
    public sealed class Script
    {
        public List<object> Received { get; } = [];

        public List<string> Diary { get; init; } = [];

        public Func<Scripted, ValueTask> OnStart { get; init; } = _ => ValueTask.CompletedTask;

        public Func<Scripted, ValueTask> OnStop { get; init; } = _ => ValueTask.CompletedTask;

        public Func<Scripted, object, ValueTask> On { get; set; } = (_, _) => ValueTask.CompletedTask;

        /// <summary>Behaviour without awaits.</summary>
        public Action<Scripted, object> Does
        {
            init =>
                On = (self, message) =>
                {
                    value(self, message);
                    return ValueTask.CompletedTask;
                };
        }

        public Func<Actor> Factory => () => new Scripted(this);
    }
}

internal sealed record Question(ReplyTo<string> ReplyTo, string Text = "?");

internal sealed class CrashException(string message) : Exception(message);
