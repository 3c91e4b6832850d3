using System.Text.Json;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Actors.Sharding;
using Calls.Actors.Telemetry;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.TestKit;

namespace Calls.Actors.Tests.Calls;

/// <summary>One node in virtual time: the real actors on a store in memory, with devices and an SFU that are only noted down.</summary>
internal sealed class CallWorld : IOutbox, IMediaSessions, IWebhookReceivers
{
    private readonly List<Device> _connected = [];
    private readonly CallPolicy _policy;
    private readonly bool _measured;
    private readonly VirtualWorld _world;
    private DeterministicNode _process;
    private ActorSystem _actors;
    private IActorRef _region;
    private int _connections;

    public CallWorld(CallPolicy? policy = null, int startsPerMinute = 1000, int seed = 1, bool measured = false)
    {
        _measured = measured;
        _policy = (policy ?? new CallPolicy()) with { StartsPerMinute = startsPerMinute };
        _world = new VirtualWorld(seed);
        Store = new InMemoryStore(_world.Time, new Random(seed));
        (_actors, _process) = _world.NewProcess();
        _region = Start();
        Channel("dm", ChannelKind.Direct, "alice", "bob");
        Channel("group", ChannelKind.Group, "alice", "bob", "carol");
    }

    public InMemoryStore Store { get; }

    /// <summary>What the present process counts, in a world that is measured.</summary>
    public Measurements Measured { get; private set; } = null!;

    public VirtualTime Time => _world.Time;

    /// <summary>The backends that want to be told.</summary>
    public IReadOnlyCollection<string> Receivers { get; set; } = [];

    /// <summary>The channels for which the sending was woken.</summary>
    public List<ChannelId> Woken { get; } = [];

    /// <summary>The sessions that are open at the SFU, with what is enforced on each.</summary>
    public Dictionary<SessionId, (ChannelId Channel, UserId User, VoiceFlags Flags)> Sessions { get; } = [];

    /// <summary>A user's one open session.</summary>
    public SessionId SessionOf(string user) => Sessions.Single(s => s.Value.User.Value == user).Key;

    public void Channel(string id, ChannelKind kind, params string[] members) =>
        Channel(id, kind, [.. members.Select(m => new Member(new UserId(m), m, Permissions.Read | Permissions.Call))]);

    public Answer Channel(string id, ChannelKind kind, params Member[] members) =>
        Ask(reply => new ChannelChange(new ChannelId(id), new ReplaceChannel(kind, [.. members]), reply));

    public Answer Edit(string channel, ChannelEdit edit) =>
        Ask(reply => new ChannelChange(new ChannelId(channel), edit, reply));

    /// <summary>A device with a connection. It hears what is live, as `ready` tells.</summary>
    public Device SignIn(string user, string device = "phone")
    {
        var connection = new Device(this, new UserId(user), new DeviceId($"{user}-{device}"), $"c{++_connections}");
        _connected.Add(connection);
        if (_world.Now(() => Store.GetCurrentCall(connection.User).AsTask()) is { } current)
            _region.Tell(new DevicePresent(current.Channel, connection.User, connection.Id, connection.Connection));
        Settle();
        return connection;
    }

    public void SignOut(Device device, bool expired = false)
    {
        _connected.Remove(device);
        if (_world.Now(() => Store.GetCurrentCall(device.User).AsTask()) is { } current)
            _region.Tell(new DeviceGone(current.Channel, device.User, device.Id, device.Connection, expired));
        Settle();
    }

    /// <summary>What a device that signs in is told of a channel's call.</summary>
    public CallView? Describe(string user, string channel) =>
        _world.Now(
            _region.Ask<CallView?>(
                to => new DescribeCall(new ChannelId(channel), new UserId(user), to),
                TimeSpan.FromSeconds(1)
            )
        );

    public void Tell(IChannelMessage message)
    {
        _region.Tell(message);
        Settle();
    }

    /// <summary>A user changes what they have set, as the REST route does it.</summary>
    public void Sets(string user, Notifications notifications, params string[] blocked)
    {
        var settings = new CallSettings(notifications, [.. blocked.Select(b => new UserId(b))]);
        Ask(store => Done(store.PutSettings(new UserId(user), settings)));
        foreach (var channel in Ask(store => store.LiveChannels(new UserId(user))))
            _region.Tell(new SettingsChanged(channel, new UserId(user), settings));
        Settle();
    }

    /// <summary>The calls of a user's history.</summary>
    public IReadOnlyList<UserCall> CallsOf(string user, UserCallFilter filter = UserCallFilter.All) =>
        Ask(store => store.ListUserCalls(new UserId(user), filter, null, 100));

    /// <summary>The calls of a channel's history.</summary>
    public IReadOnlyList<EndedCall> HistoryOf(string channel) =>
        [
            .. Ask(store => store.ListHistory(new ChannelId(channel), null, 100))
                .Select(entry => WireJson.ReadEndedCall(entry.Payload)),
        ];

    /// <summary>What waits in a channel's outbox.</summary>
    public IReadOnlyList<WebhookMessage> WebhooksOf(string channel) =>
        [
            .. Ask(store => store.ListWebhooks(store.WebhookShardOf(new ChannelId(channel)), null, 1000))
                .Select(waiting => waiting.Message),
        ];

    /// <summary>The SFU sees a user's media arrive.</summary>
    public void MediaFlows(string user) => Tell(new MediaFlows(Sessions[SessionOf(user)].Channel, SessionOf(user)));

    /// <summary>The SFU hears others speak than before.</summary>
    public void Speak(string channel, params string[] users) =>
        Tell(new SpeakersChanged(new ChannelId(channel), [.. users.Select(u => new UserId(u))]));

    /// <summary>The SFU has heard nothing of a user for a while.</summary>
    public void MediaSilent(string user) => Tell(new MediaSilent(Sessions[SessionOf(user)].Channel, SessionOf(user)));

    public void Pass(TimeSpan time) => _world.Pass(time);

    public void Settle() => _world.Settle();

    /// <summary>The process dies at this instant, and a new one starts on the same store, now or later; all connections and media are gone.</summary>
    public void KillAndRestart(TimeSpan after = default)
    {
        _process.Kill();
        _connected.Clear();
        Sessions.Clear();
        Pass(after);
        (_actors, _process) = _world.NewProcess();
        _region = Start();
        Settle();
    }

    /// <summary>The store's server is lost with all that came after the image, and its replica takes over; the connection to it is a new one.</summary>
    public void FailOver(StoreTables image)
    {
        Store.FailOver(image);
        _region.Tell(new Doubted());
        Settle();
    }

    /// <summary>Asks the store.</summary>
    public T Ask<T>(Func<InMemoryStore, ValueTask<T>> question) => _world.Now(() => question(Store).AsTask());

    public Answer Ask(Func<ICallReply, object> message)
    {
        var noted = new NotedReply();
        var asked = _region.Ask<bool>(to => message(noted.And(to)), TimeSpan.FromSeconds(60));
        Settle();
        asked.IsCompletedSuccessfully.ShouldBeTrue(asked.Exception?.InnerException?.Message ?? "no answer came");
        return new Answer(noted.Reply!);
    }

    void ISender.ToUsers(
        IReadOnlyCollection<UserId> users,
        ServerEvent message,
        (UserId User, DeviceId? Device)? except
    )
    {
        foreach (var device in _connected.Where(d => users.Contains(d.User)))
        {
            if (except is not { } e || e.User != device.User || e.Device != device.Id)
                device.Take(message);
        }
    }

    void ISender.ToConnection(string connection, ServerEvent message) =>
        _connected.FirstOrDefault(d => d.Connection == connection)?.Take(message);

    void ISender.ToOthers(UserId user, string? connection, ServerEvent message)
    {
        foreach (var device in _connected.Where(d => d.User == user && d.Connection != connection))
            device.Take(message);
    }

    ValueTask<(string Connection, DeviceId Device)?> IOutbox.Find(UserId user, DeviceId? device) =>
        ValueTask.FromResult<(string, DeviceId)?>(
            _connected.LastOrDefault(d => d.User == user && (device is null || d.Id == device)) is { } found
                ? (found.Connection, found.Id)
                : null
        );

    void IOutbox.Digest(CallDigest digest) { }

    void IMediaSessions.Open(ChannelId channel, SessionId session, UserId user, VoiceFlags flags)
    {
        Sessions[session] = (channel, user, flags);
        _region.Tell(new MediaOffered(channel, session, 1, "offer", []));
    }

    void IMediaSessions.Close(SessionId session) => Sessions.Remove(session);

    void IMediaSessions.Linger(SessionId session) => Sessions.Remove(session);

    void IMediaSessions.Release(ChannelId channel) { }

    void IMediaSessions.SetVoice(SessionId session, VoiceFlags flags) =>
        Sessions[session] = Sessions[session] with { Flags = flags };

    IReadOnlyDictionary<UserId, ParticipantStatsView> IMediaSessions.Stats(ChannelId channel) =>
        Sessions
            .Values.Where(s => s.Channel == channel)
            .ToDictionary(s => s.User, s => new ParticipantStatsView(s.User, 0.25, 3, null, 100, 200, 0.5));

    Refusal? IMediaSessions.Answer(SessionId session, int revision, string sdp) =>
        revision == 1 ? null : new Refusal(ErrorCode.StaleMedia, "Never offered.");

    IReadOnlyCollection<string> IWebhookReceivers.Names => Receivers;

    void IWebhookReceivers.Wake(ChannelId channel) => Woken.Add(channel);

    private static async ValueTask<bool> Done(ValueTask work)
    {
        await work;
        return true;
    }

    private IActorRef Start()
    {
        var metrics = _measured ? new CallMetrics() : null;
        if (metrics is not null)
        {
            metrics.Observe(_actors);
            Measured = new Measurements(metrics.Meter);
        }
        var environment = new CallEnvironment
        {
            Node = "n1",
            Store = Store,
            Policy = _policy,
            Outbox = this,
            Media = this,
            Time = _world.Time,
            Random = _world.Random,
            Metrics = metrics,
            Webhooks = this,
        };
        return _actors.Spawn("region", () => new CallRegion(environment));
    }

    private sealed class NotedReply : ICallReply
    {
        private ReplyTo<bool>? _asker;

        public CallReply? Reply { get; private set; }

        public NotedReply And(ReplyTo<bool> asker)
        {
            _asker = asker;
            return this;
        }

        void ICallReply.Answer(CallReply reply)
        {
            Reply.ShouldBeNull("a request has one answer");
            Reply = reply;
            _asker!.Tell(true);
        }
    }
}

/// <summary>An answer as a client sees it.</summary>
internal sealed class Answer(CallReply reply)
{
    public ErrorCode? Code => reply.Refusal?.Code;

    public string? Message => reply.Refusal?.Message;

    public CallReply Reply => reply;

    public JsonElement Call =>
        JsonDocument.Parse(reply.Result ?? throw new InvalidOperationException($"Refused: {Message}")).RootElement;

    public string Raw => System.Text.Encoding.UTF8.GetString(reply.Result ?? []);

    public string? this[string field] =>
        Call.GetProperty(field) is var value && value.ValueKind == JsonValueKind.Null ? null : value.ToString();

    public void ShouldBeRefused(ErrorCode code) => Code.ShouldBe(code, Message);
}

/// <summary>A device of a user, with one connection: what it asks, and what it hears.</summary>
internal sealed class Device(CallWorld world, UserId user, DeviceId id, string connection)
{
    private readonly List<ServerEvent> _heard = [];

    public UserId User => user;

    public DeviceId Id => id;

    public string Connection => connection;

    public IReadOnlyList<ServerEvent> Heard => _heard;

    public void Take(ServerEvent message)
    {
        Contract.Keeps(message);
        _heard.Add(message);
    }

    public Answer Gets(string channel) => Asks(new CallGetRequest(new(channel)));

    public Answer Starts(string channel, CallMedia media = CallMedia.Audio, string? command = null) =>
        Asks(new CallStartRequest(new(channel), media) { Command = Named(command) });

    public Answer Joins(string channel, string? command = null) =>
        Asks(new CallJoinRequest(new(channel)) { Command = Named(command) });

    public Answer Declines(string channel, string? command = null) =>
        Asks(new CallDeclineRequest(new(channel)) { Command = Named(command) });

    public Answer Dismisses(string channel) => Asks(new CallDismissRequest(new(channel)));

    public Answer Leaves(string channel, string? command = null) =>
        Asks(new CallLeaveRequest(new(channel)) { Command = Named(command) });

    public Answer Ends(string channel) => Asks(new CallEndRequest(new(channel)));

    public Answer Rings(string channel, params string[] users) =>
        Asks(new CallRingRequest(new(channel), users.Length == 0 ? null : [.. users.Select(u => new UserId(u))]));

    public Answer Switches(string channel, VoiceChange change) => Asks(new VoiceStateRequest(new(channel), change));

    /// <summary>As the REST route asks it; no message of the WebSocket is like it.</summary>
    public Answer AsksForStats(string channel) =>
        world.Ask(reply => new CallRequest(
            new Caller(user, user.Value, null, null, AnyDevice: true),
            new CallStatsRequest(new(channel)),
            reply
        ));

    public Answer Asks(ChannelRequest request, bool anyDevice = false) =>
        Contract.Keeps(
            request,
            world.Ask(reply => new CallRequest(new Caller(user, user.Value, id, connection, anyDevice), request, reply))
        );

    /// <summary>Takes the first event of that kind out of what was heard.</summary>
    public T Hears<T>()
        where T : ServerEvent
    {
        var heard = _heard.OfType<T>().FirstOrDefault();
        heard.ShouldNotBeNull(
            $"{user} ({id}) heard no {typeof(T).Name}, but: {string.Join(", ", _heard.Select(e => e.GetType().Name))}"
        );
        _heard.Remove(heard);
        return heard;
    }

    public void HearsNothingOf<T>()
        where T : ServerEvent => _heard.OfType<T>().ShouldBeEmpty();

    public void HearsNothing() => _heard.ShouldBeEmpty();

    public void Forgets() => _heard.Clear();

    private static CommandId? Named(string? command) => command is null ? null : new CommandId(command);
}
