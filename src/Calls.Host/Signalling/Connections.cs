using System.Collections.Concurrent;
using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>The signed-in connections of this node, by user: where the call actors' words go.</summary>
internal sealed class Connections : ILocalOutbox
{
    private readonly ConcurrentDictionary<UserId, ImmutableArray<ClientConnection>> _byUser = new();
    private readonly ConcurrentDictionary<string, ClientConnection> _byId = new(StringComparer.Ordinal);

    /// <summary>Below this a pause is not worth a timer.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(10);

    /// <summary>How many are signed in.</summary>
    public int Count => _byId.Count;

    public IEnumerable<ClientConnection> All => _byId.Values;

    public void Add(ClientConnection connection)
    {
        _byId[connection.Id] = connection;
        _byUser.AddOrUpdate(connection.Identity!.UserId, [connection], (_, others) => others.Add(connection));
    }

    public void Remove(ClientConnection connection)
    {
        if (!_byId.TryRemove(connection.Id, out _))
            return;
        var user = connection.Identity!.UserId;
        while (_byUser.TryGetValue(user, out var before))
        {
            var after = before.Remove(connection);
            var gone = after.IsEmpty
                ? _byUser.TryRemove(KeyValuePair.Create(user, before))
                : _byUser.TryUpdate(user, after, before);
            if (gone)
                return;
        }
    }

    /// <summary>Told of connections that have missed something; there once somebody can see to it.</summary>
    public Action<ClientConnection> OnMissed { get; set; } = _ => { };

    public void Compare(CallDigest digest)
    {
        foreach (var user in digest.Users)
        {
            if (!_byUser.TryGetValue(user, out var connections))
                continue;
            foreach (var connection in connections.Where(c => c.Lacks(digest)))
                OnMissed(connection);
        }
    }

    /// <summary>Closes all that there are, one after the other, so that whoever they turn to is not overrun.</summary>
    /// <param name="over">How long the last one waits.</param>
    /// <param name="time">The clock.</param>
    public async Task SendAway(TimeSpan over, TimeProvider time)
    {
        var all = All.ToArray();
        var started = time.GetTimestamp();
        for (var i = 0; i < all.Length; i++)
        {
            var due = over * i / all.Length - time.GetElapsedTime(started);
            if (due > MinPause)
                await Task.Delay(due, time);
            all[i].Close(CloseCode.GoingAway);
        }
    }

    /// <summary>The user's newest connection, or null.</summary>
    public ClientConnection? Newest(UserId user, DeviceId? device = null) =>
        _byUser.TryGetValue(user, out var connections)
            ? connections.LastOrDefault(c => device is null || c.Device == device)
            : null;

    public (string Connection, DeviceId Device)? Find(UserId user, DeviceId? device) =>
        Newest(user, device) is { } found ? (found.Id, found.Device) : null;

    public void ToUsers(
        IReadOnlyCollection<UserId> users,
        ServerEvent message,
        (UserId User, DeviceId? Device)? except = null
    )
    {
        byte[]? frame = null;
        foreach (var user in users)
        {
            if (!_byUser.TryGetValue(user, out var connections))
                continue;
            foreach (var connection in connections)
            {
                if (except is { } e && e.User == user && e.Device == connection.Device)
                    continue;
                connection.Deliver(message, frame ??= WireJson.Write(message));
            }
        }
    }

    public void ToConnection(string connection, ServerEvent message)
    {
        if (_byId.TryGetValue(connection, out var found))
            found.Deliver(message, WireJson.Write(message));
    }

    public void ToOthers(UserId user, string? connection, ServerEvent message)
    {
        if (!_byUser.TryGetValue(user, out var connections))
            return;
        foreach (var other in connections.Where(c => c.Id != connection))
            other.Deliver(message, WireJson.Write(message));
    }
}
