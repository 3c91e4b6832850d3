using System.Collections.Concurrent;
using System.Net.Sockets;
using Calls.Actors.Persistence;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>
/// The seam around StackExchange.Redis 1.2.6, and the guards against what it does not do by itself: every call has a
/// deadline, scripts that the server forgot are sent again, and a watchdog replaces a connection that went silent.
/// Only calls that 2.x has too.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, Action<byte[]>> _subscriptions = new(StringComparer.Ordinal);
    private ConnectionMultiplexer? _multiplexer;
    private Task _watchdog = Task.CompletedTask;
    private long _epoch;
    private long _lastGood;

    private readonly bool _inOrder;

    private RedisConnection(RedisOptions options, TimeProvider time, ILogger log, bool inOrder) =>
        (_options, _time, _log, _lastGood, _inOrder) = (options, time, log, time.GetTimestamp(), inOrder);

    /// <summary>Counts the connections. When it has changed, what was read before may have been rolled back: read again.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>Connects. A server that is not there yet is no error: operations fail until it is.</summary>
    /// <param name="options">Where, and how long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of trouble.</param>
    /// <param name="inOrder">What is subscribed to comes one after the other, in the order of its arrival; answers then wait for each other, too.</param>
    public static async Task<RedisConnection> Open(
        RedisOptions options,
        TimeProvider time,
        ILogger log,
        bool inOrder = false
    )
    {
        var connection = new RedisConnection(options, time, log, inOrder);
        await connection.Replace();
        connection._watchdog = connection.Watch();
        return connection;
    }

    /// <summary>One command. Keys must be given as <see cref="RedisKey"/>: they say which node of a cluster it goes to.</summary>
    /// <exception cref="StoreUnavailableException">No answer in time, no connection, or an error from the server.</exception>
    public Task<RedisResult> Execute(string command, params object[] arguments) =>
        Guard(database => database.ExecuteAsync(command, arguments), _options.Deadline);

    /// <summary>One script, in one step.</summary>
    /// <exception cref="StoreUnavailableException">No answer in time, no connection, or an error from the server.</exception>
    public Task<RedisResult> Evaluate(string script, RedisKey[] keys, RedisValue[] arguments) =>
        Guard(
            async database =>
            {
                try
                {
                    return await database.ScriptEvaluateAsync(script, keys, arguments);
                }
                catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
                {
                    // The server was restarted or its scripts were flushed; the library goes by what it remembers.
                    return await database.ScriptEvaluateAsync(script, keys, arguments, CommandFlags.NoScriptCache);
                }
            },
            _options.Deadline
        );

    /// <summary>From now on gives what is published to a channel, over reconnects too; what comes while there is no connection is lost.</summary>
    public async Task Subscribe(string channel, Action<byte[]> heard)
    {
        _subscriptions[channel] = heard;
        if (Volatile.Read(ref _multiplexer) is { } multiplexer)
            await Subscribe(multiplexer, channel, heard);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watchdog;
        await Close(_multiplexer);
        _closing.Dispose();
    }

    private Task<ConnectionMultiplexer> Connect()
    {
        var configuration = ConfigurationOptions.Parse(_options.Connection);
        configuration.AbortOnConnectFail = false;
        configuration.ConnectRetry = 1; // the watchdog tries again
        configuration.ConnectTimeout = (int)_options.Deadline.TotalMilliseconds;
        configuration.ReconnectRetryPolicy = new LinearRetry((int)_options.PingInterval.TotalMilliseconds);
        return ConnectionMultiplexer.ConnectAsync(configuration);
    }

    private async Task<RedisResult> Guard(Func<IDatabase, Task<RedisResult>> call, TimeSpan deadline)
    {
        try
        {
            var multiplexer =
                Volatile.Read(ref _multiplexer) ?? throw new StoreUnavailableException("Redis is not there yet.");
            var result = await call(multiplexer.GetDatabase()).WaitAsync(deadline, _time);
            Interlocked.Exchange(ref _lastGood, _time.GetTimestamp());
            return result;
        }
        catch (TimeoutException e)
        {
            throw new StoreUnavailableException($"Redis did not answer within {deadline.TotalMilliseconds:0} ms.", e);
        }
        catch (Exception e) when (e is RedisException or RedisCommandException or ObjectDisposedException)
        {
            throw new StoreUnavailableException($"Redis: {e.Message}", e);
        }
    }

    private async Task Watch()
    {
        var checkedEpoch = 0L;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Guard(database => database.ExecuteAsync("PING"), _options.PingInterval);
                if (checkedEpoch != Epoch)
                    await RedisDurability.Check(this, _log);
                checkedEpoch = Epoch;
            }
            catch (Exception e) // whatever it is, the watch goes on
            {
                await ReplaceIfLost(e);
            }
            await Task.Delay(_options.PingInterval, _time, _closing.Token)
                .ContinueWith(_ => { }, TaskScheduler.Current);
        }
    }

    private async Task ReplaceIfLost(Exception reason)
    {
        if (_time.GetElapsedTime(Interlocked.Read(ref _lastGood)) < _options.RebuildAfter)
            return;
        _log.LogWarning("Redis gives no sign of life ({Reason}); connecting anew", reason.Message);
        await Replace();
        Interlocked.Exchange(ref _lastGood, _time.GetTimestamp()); // the next attempt comes as much later
    }

    /// <summary>Puts a new connection in the place of the present one, if it answers: one that does not is no better.</summary>
    private async Task Replace()
    {
        var connecting = Connect();
        try
        {
            // Twice the deadline: the library looks for the cluster's other nodes when it has found one.
            var next = await connecting.WaitAsync(2 * _options.Deadline, _time);
            await next.GetDatabase().ExecuteAsync("PING").WaitAsync(_options.Deadline, _time);
            next.PreserveAsyncOrder = _inOrder; // else one slow continuation would hold up all others
            foreach (var (channel, heard) in _subscriptions)
                await Subscribe(next, channel, heard);
            // One that fails may leave another in its place that was connected all along: a replica, now promoted.
            next.ConnectionFailed += (_, _) => Interlocked.Increment(ref _epoch);
            next.ConnectionRestored += (_, _) => Interlocked.Increment(ref _epoch);
            var old = Interlocked.Exchange(ref _multiplexer, next);
            Interlocked.Increment(ref _epoch);
            await Close(old);
        }
        catch (Exception e) when (e is TimeoutException or RedisException or RedisCommandException or SocketException)
        {
            _log.LogWarning("Redis cannot be reached: {Reason}", e.Message);
            _ = connecting.ContinueWith(
                c => Close(c.Result),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Current
            );
        }
    }

    private Task Subscribe(ConnectionMultiplexer multiplexer, string channel, Action<byte[]> heard) =>
        multiplexer
            .GetSubscriber()
            .SubscribeAsync(channel, (_, message) => heard(message!))
            .WaitAsync(_options.Deadline, _time);

    private async Task Close(ConnectionMultiplexer? multiplexer)
    {
        if (multiplexer is null)
            return;
        try
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).WaitAsync(_options.Deadline, _time);
        }
        catch (Exception e) when (e is TimeoutException or RedisException or ObjectDisposedException)
        {
            _log.LogDebug(e, "A connection to Redis did not close");
        }
    }
}
