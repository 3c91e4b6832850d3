using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using Calls.Media.Srtp;

namespace Calls.Caller.Media;

/// <summary>What is known of one remote track.</summary>
/// <param name="Track">Whose it is.</param>
/// <param name="Received">Packets that came.</param>
/// <param name="Lost">Packets that did not.</param>
/// <param name="Jitter">The interarrival jitter.</param>
/// <param name="Undecodable">Packets that Opus could not have made.</param>
public sealed record TrackReport(OfferedTrack Track, long Received, long Lost, TimeSpan Jitter, int Undecodable);

/// <summary>A caller's peer connections: the current one, and the one before until the new one flows.</summary>
public sealed class CallerMedia : IAsyncDisposable
{
    private readonly CallerOptions _options;
    private readonly string _name;
    private readonly DtlsIdentity _identity;
    private readonly Signal _signal;
    private readonly Lock _lock = new();
    private readonly List<MediaLoop> _retired = [];
    private MediaLoop? _current;
    private MediaLoop? _previous;
    private double? _tone;

    /// <summary>Media without a peer connection yet.</summary>
    /// <param name="name">The caller's name in its descriptions.</param>
    /// <param name="options">How it behaves.</param>
    public CallerMedia(string name, CallerOptions options)
    {
        _name = name;
        _options = options;
        _tone = options.Tone;
        _signal = new Signal(options.Clock);
        _identity = CallerIdentity.Create(options);
    }

    /// <summary>The current session, or null.</summary>
    public string? SessionId => _current?.SessionId;

    /// <summary>Whether the current session's media can flow.</summary>
    public bool IsConnected => _current?.Read((session, _) => session.IsConnected) ?? false;

    /// <summary>The SRTP profile of the current session.</summary>
    public SrtpProfile? Profile => _current?.Read((session, _) => session.Profile);

    /// <summary>RTP packets sent in the current session.</summary>
    public long SentPackets => _current?.Read((session, _) => session.SentPackets) ?? 0;

    /// <summary>The round trip by the server's reports.</summary>
    public TimeSpan? RoundTrip => _current?.Read((session, _) => session.RoundTrip);

    /// <summary>Authentic packets of the current session that belong to no offered track.</summary>
    public int UnexpectedPackets => _current?.Read((session, _) => session.Unexpected) ?? 0;

    /// <summary>What came of each remote track of the current session.</summary>
    public IReadOnlyList<TrackReport> Tracks =>
        _current?.Read<IReadOnlyList<TrackReport>>(
            (session, _) =>
                [
                    .. session.Tracks.Select(track => new TrackReport(
                        track.Track,
                        track.Stats.Received,
                        track.Stats.Lost,
                        track.Stats.Jitter,
                        track.Undecodable
                    )),
                ]
        )
        ?? [];

    /// <summary>Answers an offer; a new session id makes a new peer connection.</summary>
    /// <exception cref="FormatException">The offer is none that a caller could answer.</exception>
    public string Answer(string sessionId, int revision, string sdp, IReadOnlyList<OfferedTrack> tracks)
    {
        if (!OfferReader.TryRead(sdp, out var offer, out var problem))
        {
            throw new FormatException($"The offer cannot be answered: {problem}.");
        }

        lock (_lock)
        {
            if (_current?.SessionId != sessionId)
            {
                Retire(_previous);
                _previous = _current;
                var family = offer!.Candidates[0].AddressFamily;
                var reachable = offer.Candidates.Where(c => c.AddressFamily == family).ToList();
                offer = offer with { Candidates = reachable };
                _current = new MediaLoop(sessionId, _name, family, _options with { Tone = _tone }, _identity, OnNews);
            }

            return _current.Answer(offer!, tracks, revision);
        }
    }

    /// <summary>Says another tone from now on; null says nothing.</summary>
    public void Say(double? hertz)
    {
        lock (_lock)
        {
            _tone = hertz;
            foreach (var loop in Loops)
            {
                loop.Read(
                    (session, _) =>
                    {
                        session.Say(hertz);
                        return 0;
                    }
                );
            }
        }
    }

    /// <summary>Goes on from another local port, as after a change of networks.</summary>
    public void Rebind() => _current?.Rebind();

    /// <summary>Waits until media can flow.</summary>
    public Task Connected(TimeSpan? deadline = null) =>
        _signal.Wait(() => IsConnected ? this : null, deadline ?? _options.Deadline, () => $"No media: {Describe()}");

    /// <summary>Waits until a user's sound is mainly this tone.</summary>
    public Task HearsTone(string userId, double hertz, TimeSpan? deadline = null) =>
        _signal.Wait(
            () => Any(userId, (track, now) => track.Ear.Hears(hertz, now)) ? this : null,
            deadline ?? _options.Deadline,
            () => $"{userId} is not heard at {hertz} Hz: {Describe()}"
        );

    /// <summary>Waits until nothing audible has come of a user for a while.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="quiet">How long it has to be silent.</param>
    /// <param name="deadline">How long to wait for that.</param>
    public async Task NotHearing(string userId, TimeSpan quiet, TimeSpan? deadline = null)
    {
        var started = _options.Clock.GetTimestamp();
        var limit = deadline ?? (_options.Deadline + quiet);
        while (true)
        {
            var waited = _options.Clock.GetElapsedTime(started);
            var since = QuietSince(userId, waited);
            if (since >= quiet)
            {
                return;
            }

            if (waited > limit)
            {
                throw new TimeoutException($"{userId} is still heard: {Describe()}");
            }

            await Task.Delay(quiet - since, _options.Clock);
        }
    }

    /// <summary>Which of these tones are heard of a user at this moment.</summary>
    public IReadOnlyList<double> HeardTones(string userId, IEnumerable<double> hertz) =>
        [.. hertz.Where(tone => Any(userId, (track, now) => track.Ear.Hears(tone, now)))];

    /// <summary>Ends the peer connections.</summary>
    public async Task Close()
    {
        MediaLoop[] loops;
        lock (_lock)
        {
            loops = [.. Loops, .. _retired];
            _current = _previous = null;
            _retired.Clear();
        }

        foreach (var loop in loops)
        {
            await loop.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Close();
        _identity.Dispose();
    }

    private IEnumerable<MediaLoop> Loops => new[] { _current, _previous }.OfType<MediaLoop>();

    // Within the lock of the loop that has the news; therefore only a flag is looked at, and the rest is done elsewhere.
    private void OnNews()
    {
        _signal.Raise();
        if (_previous is not null)
        {
            _ = Task.Run(RetirePrevious);
        }
    }

    // Make before break: the old media ends when the new one flows.
    private void RetirePrevious()
    {
        lock (_lock)
        {
            if (_previous is not null && IsConnected)
            {
                Retire(_previous);
                _previous = null;
            }
        }
    }

    private void Retire(MediaLoop? loop)
    {
        if (loop is not null)
        {
            _retired.Add(loop);
            _ = loop.DisposeAsync().AsTask();
        }
    }

    private bool Any(string userId, Func<RemoteTrack, TimeSpan, bool> condition) =>
        Loops.Any(loop =>
            loop.Read((session, now) => session.Tracks.Any(t => t.Track.UserId == userId && condition(t, now)))
        );

    // The time since something audible came; at most the time that was waited, so that silence must be seen and not remembered.
    private TimeSpan QuietSince(string userId, TimeSpan waited)
    {
        foreach (var loop in Loops)
        {
            var since = loop.Read(
                (session, now) =>
                    session
                        .Tracks.Where(t => t.Track.UserId == userId && t.Ear.AudibleAt is not null)
                        .Select(t => now - t.Ear.AudibleAt!.Value)
                        .DefaultIfEmpty(waited)
                        .Min()
            );
            waited = since < waited ? since : waited;
        }

        return waited;
    }

    private string Describe()
    {
        if (_current is not { } loop)
        {
            return "there is no peer connection";
        }

        return loop.Read(
            (session, _) =>
                $"session {session.SessionId}, "
                + (session.Failure ?? (session.IsConnected ? $"connected with {session.Profile}" : "not connected"))
                + $", sent {session.SentPackets}, refused {session.Refused}, unexpected {session.Unexpected}, tracks: "
                + string.Join(
                    "; ",
                    session.Tracks.Select(t =>
                        $"{t.Track.UserId} {t.Track.Source} (SSRC {t.Ssrc}, {t.Stats.Received} packets, {t.Stats.Lost} lost)"
                    )
                )
        );
    }
}
