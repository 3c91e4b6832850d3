using System.Diagnostics.Metrics;
using System.Net;
using Calls.Actors.Persistence;
using Calls.Host.Settings;
using Calls.Host.Webhooks;
using Calls.Protocol;
using Calls.TestKit;

namespace Calls.Host.Tests.Webhooks;

/// <summary>A sender in virtual time, on a store in memory, with receivers that do as a test says.</summary>
internal sealed class WebhookScene : HttpMessageHandler
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly VirtualWorld _world = new();
    private readonly Dictionary<string, long> _counted = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly int _backlog;
    private HashSet<Meter> _meters = [];
    private DeterministicNode? _process;

    public WebhookScene(int backlog = 100)
    {
        _backlog = backlog;
        Store = new InMemoryStore(_world.Time, new Random(1));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
    }

    public InMemoryStore Store { get; }

    public LogLines Log { get; } = new();

    public WebhookSender Sender { get; private set; } = null!;

    /// <summary>What receivers were sent: when, where, and what.</summary>
    public List<Received> Received { get; } = [];

    /// <summary>What a receiver answers; null: nothing, ever.</summary>
    public Func<Received, HttpStatusCode?> Answers { get; set; } = _ => HttpStatusCode.OK;

    public IEnumerable<string> ReceivedIds => Received.Select(r => r.Id);

    /// <summary>A process begins, with these hosts as receivers; one that ran before is killed.</summary>
    public void Start(params string[] hosts)
    {
        _process?.Kill();
        _process = _world.Scheduler.NewNode();
        Sender = new WebhookSender(
            [.. hosts.Select(host => new Webhook(new Uri($"http://{host}/hook"), new(Secret)))],
            _backlog,
            Store,
            this,
            _world.Time,
            new Random(1),
            Log
        );
        _ = Task.Factory.StartNew(Sender.Run, CancellationToken.None, TaskCreationOptions.None, _process);
        _world.Settle();
    }

    /// <summary>What a call actor does: into the outbox, and then a call. An id begins with its call's.</summary>
    public void Put(params string[] ids) => Put(wake: true, ids);

    public void Put(bool wake, params string[] ids)
    {
        foreach (var id in ids)
        {
            var channel = new ChannelId($"dm-{id[..1]}");
            var messages = Sender.Names.Select(name => new WebhookMessage(
                name,
                id,
                new CallId(id[..1]),
                _world.Time.GetUtcNow(),
                "{}"u8.ToArray()
            ));
            _world.Now(async () =>
            {
                await Store.PutWebhooks(channel, [.. messages]);
                return true;
            });
            if (wake)
                Sender.Wake(channel);
        }
        _world.Settle();
    }

    /// <summary>What waits in the outbox.</summary>
    public IReadOnlyList<string> Waiting() =>
        [
            .. Enumerable
                .Range(0, Store.WebhookShards)
                .SelectMany(shard => _world.Now(() => Store.ListWebhooks(shard, null, 100_000).AsTask()))
                .Select(w => w.Message.Id)
                .Order(),
        ];

    public void Pass(TimeSpan time) => _world.Pass(time);

    /// <summary>Somebody sets the machine's clock.</summary>
    public void JumpBy(TimeSpan by) => _world.Time.SetUtcNow(_world.Time.GetUtcNow() + by);

    public TimeSpan Now => TimeSpan.FromTicks(_world.Time.GetTimestamp());

    /// <summary>What a counter of the running sender has come to, since <see cref="Watch"/>.</summary>
    public long Counted(string instrument) => _counted.GetValueOrDefault(instrument);

    /// <summary>Counts from here on what the sender's instruments say, with the reason where there is one.</summary>
    public void Watch()
    {
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                var reason = tags.ToArray().FirstOrDefault(t => t.Key == "calls.webhook.drop_reason").Value;
                var name = reason is null ? instrument.Name : $"{instrument.Name}/{reason}";
                _counted[name] = _counted.GetValueOrDefault(name) + value;
            }
        );
        _meters = [Sender.Meter];
        _listener.Start();
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stopping)
    {
        var received = new Received(
            Now,
            request.RequestUri!.Host,
            request.Headers.GetValues("webhook-id").Single(),
            request.Headers.GetValues("webhook-timestamp").Single(),
            request.Headers.GetValues("webhook-signature").Single()
        );
        Received.Add(received);
        if (Answers(received) is { } status)
            return Task.FromResult(new HttpResponseMessage(status));
        var never = new TaskCompletionSource<HttpResponseMessage>();
        stopping.Register(() => never.TrySetCanceled(stopping));
        return never.Task;
    }
}

internal sealed record Received(TimeSpan At, string Host, string Id, string Timestamp, string Signature);
