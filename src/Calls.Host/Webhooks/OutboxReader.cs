using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Host.Webhooks;

/// <summary>
/// Keeps step with the outbox: reads those shards that somebody has called out, from time to time all of them (the
/// caller may not know that its append took effect), and now and then everything anew (a Redis that was failed over may
/// have gone back). Shards that another node sends are passed over; when one becomes this node's, it is read from its
/// beginning.
/// </summary>
/// <param name="store">Where the outbox is.</param>
/// <param name="isMine">Whether this node sends what is in a shard; that may change.</param>
internal sealed class OutboxReader(IWebhookStore store, Func<int, bool> isMine)
{
    /// <summary>How often shards are looked at of which nothing was heard.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    /// <summary>How often all that waits is read again.</summary>
    private static readonly TimeSpan ReadAnewEvery = TimeSpan.FromMinutes(10);

    /// <summary>Read in one go: half a MiB or so.</summary>
    private const int PageSize = 500;

    private readonly int[] _called = new int[store.WebhookShards];
    private readonly string?[] _read = new string?[store.WebhookShards];
    private readonly HashSet<(int Shard, string Key)> _known = [];
    private readonly Dictionary<int, List<string>> _done = [];
    private TimeSpan _anewAt;

    /// <summary>When it looks at all shards next.</summary>
    public TimeSpan LookAt { get; private set; }

    /// <summary>Something came for this channel. From any thread.</summary>
    public void Call(ChannelId channel) => Volatile.Write(ref _called[store.WebhookShardOf(channel)], 1);

    /// <summary>Next time everything is read anew, as nothing is certain any more.</summary>
    public void Doubt() => (_anewAt, LookAt) = (TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Hands on what has come since, page by page.</summary>
    /// <exception cref="StoreUnavailableException">The rest is read next time.</exception>
    public async Task Read(TimeSpan now, Func<int, WaitingWebhook, bool> take, Func<Task> afterPage)
    {
        var looks = now >= LookAt;
        if (now >= _anewAt)
        {
            Array.Clear(_read);
            _anewAt = now + ReadAnewEvery;
        }
        for (var shard = 0; shard < _read.Length; shard++)
        {
            var isCalled = Interlocked.Exchange(ref _called[shard], 0) == 1;
            if (!isMine(shard))
                _read[shard] = null;
            else if (isCalled || looks)
                await Read(shard, take, afterPage);
        }
        if (looks)
            LookAt = now + LookEvery;
    }

    /// <summary>It need not stay in the outbox.</summary>
    public void Done(int shard, string key)
    {
        if (!_done.TryGetValue(shard, out var keys))
            _done[shard] = keys = [];
        keys.Add(key);
    }

    /// <summary>Takes what is done out of the outbox.</summary>
    /// <exception cref="StoreUnavailableException">It is done next time.</exception>
    public async Task Remove()
    {
        foreach (var (shard, keys) in _done.ToArray())
        {
            await store.RemoveWebhooks(shard, keys);
            _done.Remove(shard);
            foreach (var key in keys)
                _known.Remove((shard, key));
        }
    }

    private async Task Read(int shard, Func<int, WaitingWebhook, bool> take, Func<Task> afterPage)
    {
        IReadOnlyList<WaitingWebhook> page;
        do
        {
            page = await store.ListWebhooks(shard, _read[shard], PageSize);
            foreach (var waiting in page)
            {
                _read[shard] = waiting.Key;
                if (_known.Add((shard, waiting.Key)) && !take(shard, waiting))
                    Done(shard, waiting.Key);
            }
            await afterPage();
        } while (page.Count == PageSize);
    }
}
