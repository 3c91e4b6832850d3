using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Calls.Caller.Media;
using Calls.Caller.Signalling;

namespace Calls.Caller;

/// <summary>
/// A headless caller over the public contract (<c>docs/protocol.md</c>): signs in, rings, joins, speaks a tone, listens, and tells what
/// it hears. It knows nothing of the service but its address.
/// </summary>
/// <remarks>Offers are answered by themselves. Events wait until they are asked for with <see cref="Hears"/>, each once.</remarks>
public sealed partial class CallsCaller : IAsyncDisposable
{
    private Uri _server;
    private readonly CallerOptions _options;
    private readonly EventInbox _inbox;
    private readonly Signal _signal;
    private SignallingConnection? _connection;
    private string _token;

    private CallsCaller(Uri server, string token, string? deviceId, CallerOptions options)
    {
        _server = server;
        _token = token;
        _options = options;
        _inbox = new EventInbox(options.KeptEvents);
        _signal = new Signal(options.Clock);
        DeviceId = deviceId ?? "";
        Media = new CallerMedia("caller", options);
    }

    /// <summary>The user that the token names.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>The device, chosen or given.</summary>
    public string DeviceId { get; private set; }

    /// <summary>The latest <c>ready</c>.</summary>
    public SignalledEvent Ready { get; private set; } = new("", default);

    /// <summary>The caller's peer connections, and what it hears.</summary>
    public CallerMedia Media { get; }

    /// <summary>How the connection ended; null while it lives.</summary>
    public SignallingEnd? End => _connection?.End;

    /// <summary>Whether it answers the offers that come from now on; one that does not has no media.</summary>
    public bool AnswersOffers { get; set; } = true;

    /// <summary>What went wrong with offers and answers, in words.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_faults)
            {
                return [.. _faults];
            }
        }
    }

    private readonly List<string> _faults = [];

    /// <summary>Signs in and waits for <c>ready</c>.</summary>
    /// <param name="server">The service, as <c>http://host:port</c>.</param>
    /// <param name="token">A bearer token.</param>
    /// <param name="deviceId">The device; null lets the server choose.</param>
    /// <param name="options">How the caller behaves.</param>
    /// <param name="stop">Gives up connecting.</param>
    public static async Task<CallsCaller> Connect(
        Uri server,
        string token,
        string? deviceId = null,
        CallerOptions? options = null,
        CancellationToken stop = default
    )
    {
        var caller = new CallsCaller(server, token, deviceId, options ?? new CallerOptions());
        try
        {
            await caller.Open(stop);
        }
        catch
        {
            await caller.DisposeAsync();
            throw;
        }

        return caller;
    }

    /// <summary>Comes back after the connection was lost, as the same device; media goes on meanwhile.</summary>
    /// <param name="token">A new token, or null for the same.</param>
    /// <param name="server">Another node of the service, or null for the same.</param>
    /// <param name="stop">Gives up connecting.</param>
    public async Task Reconnect(string? token = null, Uri? server = null, CancellationToken stop = default)
    {
        (_token, _server) = (token ?? _token, server ?? _server);
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await Open(stop);
    }

    /// <summary>Loses the WebSocket without a word; media goes on.</summary>
    public void LoseConnection() => _connection?.Abort();

    /// <summary>Is gone from one moment to the next, connection and media, without a good-bye.</summary>
    public void Vanish()
    {
        LoseConnection();
        Media.Vanish();
    }

    /// <summary>Sends pings as fast as the connection takes them, and waits for no answer.</summary>
    /// <param name="count">How many.</param>
    /// <returns>How the connection ended, if the service had enough of it before the last one; else null.</returns>
    public async Task<SignallingEnd?> Flood(int count)
    {
        try
        {
            for (var n = 0; n < count && End is null; n++)
            {
                await SendRaw($$"""{"type":"ping","id":"flood-{{n}}"}""");
            }
        }
        catch (WebSocketException)
        {
            return await Ends();
        }

        return End;
    }

    /// <summary>Waits for an event that was not given out yet, also one that came before.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="where">What else has to be true of it.</param>
    /// <param name="deadline">How long to wait.</param>
    public Task<SignalledEvent> Hears(
        string type,
        Func<SignalledEvent, bool>? where = null,
        TimeSpan? deadline = null
    ) =>
        _signal.Wait(
            () => _inbox.Take(type, where),
            deadline ?? _options.Deadline,
            () =>
                $"{UserId}/{DeviceId} did not hear {type}"
                + (End is null ? "" : $" and the connection ended with {End}")
                + $"; heard: {string.Join(", ", _inbox.Snapshot().Select(e => e.Type))}"
                + string.Concat(Faults.Select(fault => $"; {fault}"))
        );

    /// <summary>Events that were not asked for yet.</summary>
    public IReadOnlyList<SignalledEvent> Unheard => _inbox.Snapshot();

    /// <summary>Waits until the connection has ended.</summary>
    public Task<SignallingEnd> Ends(TimeSpan? deadline = null) =>
        _signal.Wait(() => End, deadline ?? _options.Deadline, () => $"{UserId}/{DeviceId} is still connected");

    /// <summary>Waits until a user's sound is mainly this tone.</summary>
    public Task HearsTone(string userId, double hertz, TimeSpan? deadline = null) =>
        Media.HearsTone(userId, hertz, deadline, () => string.Concat(Faults.Select(fault => $"; {fault}")));

    /// <summary>Waits until nothing audible has come of a user for a while (half a second).</summary>
    public Task NotHearing(string userId, TimeSpan? quiet = null, TimeSpan? deadline = null) =>
        Media.NotHearing(userId, quiet ?? TimeSpan.FromMilliseconds(500), deadline);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        Media.Dispose();
    }

    private SignallingConnection Connection =>
        _connection ?? throw new InvalidOperationException("The caller is not connected.");

    private async Task Open(CancellationToken stop)
    {
        var connection = await SignallingConnection.Open(
            _server,
            _token,
            DeviceId.Length == 0 ? null : DeviceId,
            _options,
            stop
        );

        // First known, then read from: an offer may be the second thing that is said on it.
        _connection = connection;
        connection.Listen(OnEvent, _signal.Raise);
        Ready = await Hears("ready");
        UserId = Ready["user_id"] ?? "";
        DeviceId = Ready["device_id"] ?? DeviceId;
    }

    // On the receiving task, so that offers are answered in their order.
    private void OnEvent(SignalledEvent said)
    {
        if (said.Type == "ready")
        {
            Media.Name = said["user_id"] ?? Media.Name;
        }
        else if (said.Type == "media_offer" && AnswersOffers)
        {
            _ = Answer(said);
        }

        _inbox.Add(said);
        _signal.Raise();
    }

    // An offer that comes again, after a reconnect, is answered again: the server does not have the answer, or would not ask.
    private async Task Answer(SignalledEvent offer)
    {
        try
        {
            var answer = new MediaOfferEvent(offer);
            var sdp = Media.Answer(answer.SessionId, answer.Revision, answer.Sdp, answer.Tracks);
            await Request(
                "media_answer",
                new JsonObject
                {
                    ["channel_id"] = offer.ChannelId,
                    ["session_id"] = answer.SessionId,
                    ["revision"] = answer.Revision,
                    ["sdp"] = sdp,
                }
            );
        }
        catch (Exception e)
        {
            // The offer was overtaken, or somebody erred: whoever waits for media gets to read it.
            lock (_faults)
            {
                _faults.Add($"offer {offer["session_id"]}/{offer["revision"]}: {e.Message}");
            }
        }
    }
}
