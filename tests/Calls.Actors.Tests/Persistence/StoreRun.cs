using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>
/// Does to a store what three numbers a step say, and writes down what it answers in a form that does not depend on the
/// store: nonces by the order in which they came up, times by their distance from the store's own. Few ids, so that the
/// steps meet.
/// </summary>
internal sealed partial class StoreRun(string prefix, DateTimeOffset now, bool withStarts)
{
    private const int Kinds = 28;

    private readonly List<string> _nonces = [];
    private readonly List<Fence> _fences = [default];
    private readonly Dictionary<ChannelId, (OpenCall Open, string Tag)> _last = [];
    private int _step;

    public List<string> Answers { get; } = [];

    public async Task Do(ICallStore store, (byte Kind, byte A, byte B) step)
    {
        _step++;
        var kind = step.Kind % Kinds;
        var answer = kind switch
        {
            < 16 => await Answer(store, kind, step.A, step.B),
            < 26 => await AnswerOfUsers(store, kind, step.A, step.B),
            _ => await AnswerOfOutbox(store, kind, step.A, step.B),
        };
        Answers.Add($"{_step}: {kind} {answer}");
    }

    private async Task<string> Answer(ICallStore store, int kind, byte a, byte b)
    {
        var (channel, user) = (new ChannelId($"{prefix}-c{a % 3}"), new UserId($"{prefix}-u{b % 3}"));
        var command = new CommandId($"k{a % 4}");
        switch (kind)
        {
            case 0:
                await store.PutChannel(
                    new Channel(channel, ChannelKind.Group, [new Member(user, $"{b}", (Permissions)(b % 4))])
                );
                return "";
            case 1:
                return $"{await store.DeleteChannel(channel)}";
            case 2:
                return await store.GetChannel(channel) is { } c
                    ? $"{c.Id} {c.Kind} {string.Join(',', c.Members)}"
                    : "none";
            case 3 or 4:
                return await Append(store, Opening(channel, user, a, b));
            case 5 or 6 or 7 or 8:
                return await Append(store, Next(channel, user, a, b));
            case 9:
                return Text(await store.Claim(channel, $"node-{b % 3}"));
            case 10:
                return await Look(store, channel, b);
            case 11:
                await store.PutOutcome(channel, new CommandOutcome(user, command, [b]));
                return "";
            case 12:
                return await store.FindOutcome(channel, user, command) is { } o ? Convert.ToHexString(o) : "none";
            case 13:
                return $"{await store.SwapCurrentCall(user, Current(a % 3), Current(a / 3 % 3))} {await store.GetCurrentCall(user)}";
            case 14:
                var users = Enumerable.Range(0, b % 3).Select(i => new UserId($"{prefix}-u{i}")).ToArray();
                await (a % 2 == 0 ? store.AddLive(channel, users) : store.RemoveLive(channel, users));
                return string.Join(' ', (await store.LiveChannels(user)).Select(l => l.Value).Order());
            default:
                return Convert.ToHexString(await store.GetOrAddSecret($"{prefix}-{a % 2}", [b]));
        }
    }

    private AppendRequest Opening(ChannelId channel, UserId user, byte a, byte b)
    {
        // Sometimes an id that was used before.
        var call = new CallId($"{channel}-call-{(a < 32 ? a % 2 : _step)}");
        return Request(channel, call, user, 0, a, b);
    }

    private AppendRequest Next(ChannelId channel, UserId user, byte a, byte b)
    {
        if (!_last.TryGetValue(channel, out var last))
            return Request(channel, new CallId($"{channel}-nobody"), user, 3, a, b);
        var next = Request(channel, last.Open.Call, user, last.Open.Version, a, b) with
        {
            Home = last.Open.Home,
            Fence = last.Open.Fence,
            PreviousTag = last.Tag,
        };
        return (a % 8) switch
        {
            0 => next with { PreviousTag = "wrong" },
            1 => next with { Fence = _fences[b % _fences.Count] },
            2 => next with { Home = "node-2" },
            3 => Request(channel, last.Open.Call, user, last.Open.Version + 1, a, b) with { Fence = last.Open.Fence },
            _ => next,
        };
    }

    private AppendRequest Request(ChannelId channel, CallId call, UserId user, long version, byte a, byte b) =>
        new()
        {
            Channel = channel,
            Call = call,
            Home = "node-1",
            ExpectedVersion = version,
            PreviousTag = version == 0 ? null : "unknown",
            Entries =
            [
                .. Enumerable
                    .Range(1, 1 + (b % 3))
                    .Select(i => new JournalEntry(version + i, $"t{_step}-{i}", [a, b, (byte)i])),
            ],
            Outcome = a % 5 == 0 ? new CommandOutcome(user, new CommandId($"k{a % 4}"), [a, b]) : null,
            Closes = b % 7 < 2,
            History = b % 7 == 1 ? new HistoryEntry(call, StartedAt(a), [b]) : null,
            Place = a % 11 == 0 ? new PlaceChange(user, Current(b % 3), Current(1 + (b / 3 % 2))!) : null,
            LiveAt = a % 11 < 2 ? [user] : [],
            Webhooks = a % 3 == 0 ? [Webhook(call, a), Webhook(call, b)] : [],
        };

    private async Task<string> Append(ICallStore store, AppendRequest request)
    {
        var result = await store.Append(request);
        if (result is { Outcome: AppendOutcome.Ok, Open: { } open })
            _last[request.Channel] = (open, request.Entries[^1].Tag);
        return $"{result.Outcome} {Text(result.Open)}";
    }

    private async Task<string> Look(ICallStore store, ChannelId channel, byte b)
    {
        var open = await store.FindOpen(channel);
        if (open is not null && _last.TryGetValue(channel, out var last) && last.Open.Call == open.Call)
            _last[channel] = last with { Open = open };
        var all = (await store.ListOpen()).Where(o =>
            o.Channel.Value.StartsWith(prefix + "-", StringComparison.Ordinal)
        );
        var call = _last.TryGetValue(channel, out last) ? last.Open.Call : new CallId($"{channel}-call-0");
        var journal = await store.Read(channel, call, b % 4);
        return $"{Text(open)} [{string.Join("; ", all.OrderBy(o => o.Channel.Value).Select(Text))}] "
            + string.Join(' ', Appends.Text(journal));
    }

    private CurrentCall? Current(int which) =>
        which == 0
            ? null
            : new CurrentCall(
                new ChannelId("dm"),
                new CallId("call"),
                new SessionId($"s{which}"),
                which == 1 ? null : new DeviceId("phone")
            );

    private string Text(OpenCall? open)
    {
        if (open is null)
            return "none";
        if (!_nonces.Contains(open.Fence.Nonce))
        {
            _nonces.Add(open.Fence.Nonce);
            _fences.Add(open.Fence);
        }
        return $"{open.Call} at {open.Home}, epoch {open.Fence.Epoch} nonce {_nonces.IndexOf(open.Fence.Nonce)}, version {open.Version}";
    }
}
