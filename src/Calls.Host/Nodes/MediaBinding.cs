using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Media;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Nodes;

/// <summary>Binds the calls' media sessions to the SFU: what the call actors intend becomes rooms, what the SFU tells becomes messages to them.</summary>
internal sealed class MediaBinding(ILogger log) : IMediaSessions, IMediaEvents, IAsyncDisposable
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, ChannelId> _channels = new(
        StringComparer.Ordinal
    );

    /// <summary>How long a session goes on whose successor is at another node; by then its client is there, or has given up.</summary>
    public static readonly TimeSpan LingerLimit = TimeSpan.FromSeconds(15);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, ITimer> _lingering = new(
        StringComparer.Ordinal
    );
    private TimeProvider _time = TimeProvider.System;
    private IActorRef? _region;
    private MediaServer? _server;

    /// <summary>The SFU; there from <see cref="Start"/> on.</summary>
    public MediaServer Server =>
        _server ?? throw new InvalidOperationException("The media server has not been started.");

    /// <summary>Sessions that are open; none before the start.</summary>
    public int SessionCount => _server?.SessionCount ?? 0;

    /// <summary>Starts the SFU; its events go to the region.</summary>
    public void Start(MediaOptions options, IActorRef region, TimeProvider time)
    {
        (_region, _time) = (region, time);
        _server = MediaServer.Start(options, this, time, Report);
    }

    public void Open(ChannelId channel, SessionId session, UserId user, VoiceFlags flags)
    {
        _channels[session.Value] = channel;
        Server.Open(channel.Value, session.Value, user.Value, flags.Muted, flags.Deafened);
    }

    public void Close(SessionId session)
    {
        _channels.TryRemove(session.Value, out _);
        Server.Close(session.Value);
    }

    public void Linger(SessionId session)
    {
        _channels.TryRemove(session.Value, out _);
        var limit = _time.CreateTimer(_ => EndLinger(session.Value), null, LingerLimit, Timeout.InfiniteTimeSpan);
        _lingering[session.Value] = limit;
    }

    public void Release(ChannelId channel) => _server?.Release(channel.Value);

    public void SetVoice(SessionId session, VoiceFlags flags) =>
        Server.SetVoice(session.Value, flags.Muted, flags.Deafened);

    public IReadOnlyDictionary<UserId, ParticipantStatsView> Stats(ChannelId channel) =>
        Server
            .RoomStats(channel.Value)
            .ToDictionary(of => new UserId(of.Key), of => View(new UserId(of.Key), of.Value));

    public Refusal? Answer(SessionId session, int revision, string sdp)
    {
        var result = Server.Answer(session.Value, revision, sdp);
        return result.Outcome switch
        {
            AnswerOutcome.Accepted => null,
            AnswerOutcome.Stale => new Refusal(
                ErrorCode.StaleMedia,
                result.Message ?? "This offer is answered already, or was never made."
            ),
            _ => Refusals.Invalid("sdp", $"is no answer to the offer: {result.Message}"),
        };
    }

    public void OfferReady(MediaOffer offer) =>
        Tell(
            offer.SessionId,
            (channel, session) =>
                new MediaOffered(
                    channel,
                    session,
                    offer.Revision,
                    offer.Sdp,
                    [.. offer.Tracks.Select(t => new TrackView(t.Mid, t.UserId, t.Kind, t.Source))]
                )
        );

    public void SessionConnected(string sessionId) =>
        Tell(sessionId, (channel, session) => new MediaFlows(channel, session));

    public void SessionSilent(string sessionId)
    {
        EndLinger(sessionId);
        Tell(sessionId, (channel, session) => new MediaSilent(channel, session));
    }

    /// <summary>A room has its channel's id.</summary>
    public void SpeakersChanged(string roomId, IReadOnlyList<string> userIds) =>
        _region!.Tell(new SpeakersChanged(new ChannelId(roomId), [.. userIds.Select(u => new UserId(u))]));

    public void StoodStill() => _region!.Tell(new Doubted());

    private void Report(MediaNotice notice) =>
        log.Log(
            notice.Error is null ? LogLevel.Information : LogLevel.Error,
            notice.Error,
            "Media ({Session}): {Notice}",
            notice.SessionId ?? "no session",
            notice.Text
        );

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Rounded to what means something: a ten-thousandth of a share, a hundredth of a millisecond.</summary>
    private static ParticipantStatsView View(UserId user, SessionStats stats) =>
        new(
            user,
            Round(stats.Loss, 4),
            Round(stats.JitterMs, 2),
            Round(stats.RoundTripMs, 2),
            stats.ReceivedPackets,
            stats.SentPackets,
            Round(stats.AudioLevel, 4)
        );

    private static double? Round(double? figure, int digits) => figure is { } known ? Math.Round(known, digits) : null;

    private void EndLinger(string sessionId)
    {
        if (!_lingering.TryRemove(sessionId, out var limit))
            return;
        limit.Dispose();
        Server.Close(sessionId);
    }

    /// <summary>What comes for a session that was closed meanwhile concerns nobody.</summary>
    private void Tell(string sessionId, Func<ChannelId, SessionId, MediaMessage> message)
    {
        if (_channels.TryGetValue(sessionId, out var channel))
            _region!.Tell(message(channel, new SessionId(sessionId)));
    }
}
