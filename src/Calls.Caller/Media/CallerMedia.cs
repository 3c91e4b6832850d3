using Calls.Caller.Opus;
using Calls.Caller.Sdp;
using Calls.Media.Srtp;

namespace Calls.Caller.Media;

/// <summary>A caller's peer connections: the current one, and the one before until the new one flows.</summary>
public sealed class CallerMedia : IDisposable
{
    /// <summary>Tracks of former sessions that are still reported: those of ten sessions in a call of 25.</summary>
    private const int MaxBefore = 256;

    /// <summary>How long the media before is kept when the new one flows: others may still speak and listen there only.</summary>
    private static readonly TimeSpan Handover = TimeSpan.FromSeconds(1);

    private readonly CallerOptions _options;
    private readonly Signal _signal;
    private readonly Lock _lock = new();
    private readonly List<TrackReport> _before = [];
    private MediaShell? _current;
    private MediaShell? _previous;
    private MediaShell? _leaving;
    private Recording? _sound;

    /// <summary>Media without a peer connection yet.</summary>
    /// <param name="name">Whose it is: stands in its descriptions, and in the stamps of its sound.</param>
    /// <param name="options">How it behaves.</param>
    /// <exception cref="OpusMissingException">Opus is not on this machine.</exception>
    public CallerMedia(string name, CallerOptions options)
    {
        OpusLibrary.Require();
        ArgumentOutOfRangeException.ThrowIfNegative(options.RedundantFrames);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RedundantFrames, Microphone.MaxRedundantFrames);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ssrcs, 1);
        Name = name;
        _options = options;
        _sound = options.Tone is { } hertz ? Recording.OfTone(hertz, options.Opus) : options.Sound;
        _signal = new Signal(options.Clock);
    }

    /// <summary>Whose it is; counts for the peer connections from here on.</summary>
    public string Name { get; set; }

    /// <summary>The current session, or null.</summary>
    public string? SessionId => _current?.SessionId;

    /// <summary>Whether the current session's media can flow.</summary>
    public bool IsConnected => _current?.Read((session, _) => session.IsConnected) ?? false;

    /// <summary>When the current session's media could flow first, by <see cref="CallerLoop.Now"/>.</summary>
    public TimeSpan? ConnectedAt => _current?.Read((session, _) => session.ConnectedAt);

    /// <summary>Why the current session will never connect, or no more; null if all is well.</summary>
    public string? Failure => _current?.Read((session, _) => session.Failure);

    /// <summary>The SRTP profile of the current session.</summary>
    public SrtpProfile? Profile => _current?.Read((session, _) => session.Profile);

    /// <summary>RTP packets sent in the current session.</summary>
    public long SentPackets => _current?.Read((session, _) => session.SentPackets) ?? 0;

    /// <summary>Packets that the server asked for in the current session, and was sent again.</summary>
    public long SentAgain => _current?.Read((session, _) => session.SentAgain) ?? 0;

    /// <summary>The round trip by the server's reports.</summary>
    public TimeSpan? RoundTrip => _current?.Read((session, _) => session.RoundTrip);

    /// <summary>Authentic packets of the current session that belong to no offered track.</summary>
    public int UnexpectedPackets => _current?.Read((session, _) => session.Unexpected) ?? 0;

    /// <summary>What came of each remote track of the current session.</summary>
    public IReadOnlyList<TrackReport> Tracks => _current?.Read((session, _) => Reports(session.Tracks)) ?? [];

    /// <summary>What came of all remote tracks: those of now, those that have gone, and those of the sessions before.</summary>
    public IReadOnlyList<TrackReport> AllTracks
    {
        get
        {
            lock (_lock)
            {
                return [.. _before, .. Loops.SelectMany(shell => shell.Read(AllOf)!)];
            }
        }
    }

    /// <summary>Ends the peer connections with a good-bye and gives <see cref="AllTracks"/>, which begins anew: a caller that goes on to another call.</summary>
    public IReadOnlyList<TrackReport> TakeTracks()
    {
        lock (_lock)
        {
            End(silently: false);
            TrackReport[] taken = [.. _before];
            _before.Clear();
            return taken;
        }
    }

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
                var first = offer!.Candidates[0];
                var reachable = _options.Route is { } route
                    ? [route(first)]
                    : offer.Candidates.Where(c => c.AddressFamily == first.AddressFamily).ToList();
                var family = reachable[0].AddressFamily;
                offer = offer with { Candidates = reachable };
                _current = new MediaShell(sessionId, Name, family, _options, OnNews);
                _current.Tell((session, now) => session.Say(_sound, now));
            }

            return _current.Answer(offer!, tracks, revision);
        }
    }

    /// <summary>Says another tone from now on, without a pause; null says nothing.</summary>
    public void Say(double? hertz) => Say(hertz is { } h ? Recording.OfTone(h, _options.Opus) : null);

    /// <summary>Says something else from now on, over and over; null says nothing.</summary>
    public void Say(Recording? sound)
    {
        lock (_lock)
        {
            _sound = sound;
            foreach (var shell in Loops)
            {
                shell.Tell((session, now) => session.Say(sound, now));
            }
        }
    }

    /// <summary>Goes on from another local port, as after a change of networks.</summary>
    public void Rebind() => _current?.Rebind();

    /// <summary>Waits until media can flow.</summary>
    public Task Connected(TimeSpan? deadline = null) =>
        _signal.Wait(() => IsConnected ? this : null, deadline ?? _options.Deadline, () => $"No media: {Describe()}");

    /// <summary>Waits until a user's sound is mainly this tone.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="hertz">The tone.</param>
    /// <param name="deadline">How long to wait for that.</param>
    /// <param name="faults">What else is known, for the message when it was in vain.</param>
    public Task HearsTone(string userId, double hertz, TimeSpan? deadline = null, Func<string>? faults = null) =>
        _signal.Wait(
            () => Any(userId, (track, now) => track.Ear?.Hears(hertz, now) == true) ? this : null,
            deadline ?? _options.Deadline,
            () => $"{userId} is not heard at {hertz} Hz: {Describe()}{faults?.Invoke()}"
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
        [.. hertz.Where(tone => Any(userId, (track, now) => track.Ear?.Hears(tone, now) == true))];

    /// <summary>Ends the peer connections with a good-bye; what was heard stays to be read.</summary>
    public void Close() => End(silently: false);

    /// <summary>Ends the peer connections without a word, as a dead battery does.</summary>
    public void Vanish() => End(silently: true);

    /// <inheritdoc/>
    public void Dispose() => Close();

    private IEnumerable<MediaShell> Loops => new[] { _current, _previous }.OfType<MediaShell>();

    private static IReadOnlyList<TrackReport> Reports(IEnumerable<RemoteTrack> tracks) =>
        [.. tracks.Select(track => track.Report)];

    private static IReadOnlyList<TrackReport> AllOf(MediaSession session, TimeSpan now) =>
        [.. session.Ended, .. session.Tracks.Where(track => track.Stats.Received > 0).Select(track => track.Report)];

    private void End(bool silently)
    {
        lock (_lock)
        {
            foreach (var shell in Loops)
            {
                Retire(shell, silently);
            }

            _current = _previous = null;
        }
    }

    // Within the lock of the shell that has the news; therefore only a flag is looked at, and the rest is done elsewhere.
    private void OnNews()
    {
        _signal.Raise();
        if (_previous is not null)
        {
            _ = Task.Run(RetirePrevious);
        }
    }

    // Make before break: the old media ends when the new one flows, for the others too.
    private async Task RetirePrevious()
    {
        MediaShell previous;
        lock (_lock)
        {
            if (_previous is null || _previous == _leaving || !IsConnected)
            {
                return;
            }

            previous = _leaving = _previous;
        }

        await Task.Delay(Handover, _options.Clock);
        lock (_lock)
        {
            if (_previous == previous)
            {
                Retire(previous);
                _previous = null;
            }
        }
    }

    /// <summary>How long nothing audible has come of a user, by any peer connection; null if nothing ever has.</summary>
    public TimeSpan? Quiet(string userId) =>
        Loops
            .Select(loop =>
                loop.Read(
                    (session, now) =>
                        session
                            .Tracks.Where(t => t.Track.UserId == userId && t.Ear?.AudibleAt is not null)
                            .Select(t => (TimeSpan?)(now - t.Ear!.AudibleAt!.Value))
                            .Min()
                )
            )
            .Min();

    private void Retire(MediaShell? shell, bool silently = false)
    {
        if (shell is not null)
        {
            _before.AddRange(shell.Read(AllOf)!.Take(MaxBefore - _before.Count));
            shell.End(silently);
        }
    }

    private bool Any(string userId, Func<RemoteTrack, TimeSpan, bool> condition) =>
        Loops.Any(loop =>
            loop.Read((session, now) => session.Tracks.Any(t => t.Track.UserId == userId && condition(t, now)))
        );

    // The time since something audible came; at most the time that was waited, so that silence must be seen and not remembered.
    private TimeSpan QuietSince(string userId, TimeSpan waited) =>
        Quiet(userId) is { } since && since < waited ? since : waited;

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
        )!;
    }
}
