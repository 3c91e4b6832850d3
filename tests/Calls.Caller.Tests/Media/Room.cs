using Calls.Caller.Media;
using Calls.Media;

namespace Calls.Caller.Tests.Media;

/// <summary>A media server in this process with one room, and callers in it; what signalling would carry is handed over directly.</summary>
internal sealed class Room : IMediaEvents, IAsyncDisposable
{
    private const string RoomId = "room";

    private readonly MediaServer _server;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CallerMedia> _bySession = [];
    private readonly List<CallerMedia> _callers = [];
    private readonly List<string> _faults = [];
    private int _sessions;

    public Room() =>
        _server = MediaServer.Start(
            new MediaOptions { Port = 0 },
            this,
            TimeProvider.System,
            notice => Fault(notice.Text)
        );

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>A caller that is in the room from now on.</summary>
    /// <param name="userId">Whom the room takes it for.</param>
    /// <param name="tone">What it says.</param>
    /// <param name="options">How it behaves otherwise.</param>
    /// <param name="name">Whom it takes itself for, if that is another.</param>
    public CallerMedia Join(string userId, double? tone, CallerOptions? options = null, string? name = null)
    {
        var caller = new CallerMedia(name ?? userId, (options ?? new CallerOptions()) with { Tone = tone });
        _callers.Add(caller);
        Open(userId, caller);
        return caller;
    }

    /// <summary>Gives a caller a new session, as a restart does; its id.</summary>
    public string Open(string userId, CallerMedia caller, bool muted = false)
    {
        var session = $"session-{userId}-{Interlocked.Increment(ref _sessions)}";
        lock (_lock)
        {
            _bySession.Add(session, caller);
        }

        _server.Open(RoomId, session, userId, muted, deafened: false);
        return session;
    }

    public void Mute(CallerMedia caller, bool muted) => _server.SetVoice(caller.SessionId!, muted, deafened: false);

    public SessionStats? Stats(CallerMedia caller) => _server.Stats(caller.SessionId!);

    public void Leave(CallerMedia caller) => _server.Close(caller.SessionId!);

    public void OfferReady(MediaOffer offer)
    {
        CallerMedia caller;
        lock (_lock)
        {
            caller = _bySession[offer.SessionId];
        }

        var tracks = offer.Tracks.Select(t => new OfferedTrack(t.Mid, t.UserId, t.Kind, t.Source)).ToList();
        var answer = caller.Answer(offer.SessionId, offer.Revision, offer.Sdp, tracks);
        var result = _server.Answer(offer.SessionId, offer.Revision, answer);
        if (result.Outcome != AnswerOutcome.Accepted)
        {
            Fault($"{offer.SessionId}: the answer is {result.Outcome}: {result.Message}");
        }
    }

    public void SessionConnected(string sessionId) { }

    public void SessionSilent(string sessionId) { }

    public void SpeakersChanged(string roomId, IReadOnlyList<string> userIds) { }

    public void StoodStill() { }

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
        {
            caller.Dispose();
        }

        await _server.DisposeAsync();
    }

    private void Fault(string text)
    {
        lock (_lock)
        {
            _faults.Add(text);
        }
    }
}
