namespace Calls.Media;

/// <summary>What the media server tells its owner. Called on the media server's own threads, in order per session: implementations hand over and return at once.</summary>
public interface IMediaEvents
{
    /// <summary>An offer to be sent to the session's device. At most one is unanswered per session.</summary>
    void OfferReady(MediaOffer offer);

    /// <summary>Media flows: DTLS is done and the client's address is verified. Told again after <see cref="SessionSilent"/> when it comes back.</summary>
    void SessionConnected(string sessionId);

    /// <summary>Neither an authenticated packet nor a connectivity check came for <see cref="MediaOptions.Silence"/>. Told once per silence.</summary>
    void SessionSilent(string sessionId);

    /// <summary>Others speak in a room than when this was told last; at most five times a second per room. Muted ones are never among them, nor are clients that send no audio levels.</summary>
    /// <param name="roomId">The room.</param>
    /// <param name="userIds">Who speaks, loudest first.</param>
    void SpeakersChanged(string roomId, IReadOnlyList<string> userIds);

    /// <summary>The server had not run for <see cref="MediaOptions.Standstill"/>. It forwards nothing of the sessions that there are until <see cref="MediaServer.Release"/>.</summary>
    void StoodStill();
}

/// <summary>An SDP offer (RFC 8829, RFC 9429) for one session.</summary>
/// <param name="RoomId">The room.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Revision">1 for the session's first offer, then counting up.</param>
/// <param name="Sdp">The offer.</param>
/// <param name="Tracks">Whose source stands on which m-line, the client's own included; lines out of use are left out.</param>
public sealed record MediaOffer(
    string RoomId,
    string SessionId,
    int Revision,
    string Sdp,
    IReadOnlyList<MediaTrack> Tracks
);

/// <summary>One m-line in use.</summary>
/// <param name="Mid">The line's <c>a=mid</c>.</param>
/// <param name="UserId">Whose source it carries.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c> or <c>screen</c>.</param>
public sealed record MediaTrack(string Mid, string UserId, string Kind, string Source);

/// <summary>How an answer was taken.</summary>
public enum AnswerOutcome
{
    Accepted,

    /// <summary>Another session than the current one, a revision never sent, or one already answered.</summary>
    Stale,

    /// <summary>Not an SDP answer to that offer; the message says what is wrong, and the offer stays unanswered.</summary>
    Invalid,
}

/// <summary>The outcome of an answer, with words for the client when it was not accepted.</summary>
public readonly record struct AnswerResult(AnswerOutcome Outcome, string? Message = null);
