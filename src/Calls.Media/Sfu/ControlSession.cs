using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sdp;

namespace Calls.Media.Sfu;

/// <summary>One session as the control plane sees it: its lines, and how far its offers and answers are.</summary>
internal sealed class ControlSession(
    string id,
    string roomId,
    string userId,
    PeerId peer,
    IceCredentials ice,
    SdpTransport transport,
    ulong origin,
    uint firstSsrc
)
{
    /// <summary>The line of the client's own microphone.</summary>
    public const string MicrophoneMid = "0";

    private readonly List<Line> _lines = [];
    private SpeakerVoice _voice;
    private uint _ssrc = firstSsrc;

    public string Id { get; } = id;
    public string RoomId { get; } = roomId;
    public string UserId { get; } = userId;
    public PeerId Peer { get; } = peer;
    public IceCredentials Ice { get; } = ice;
    public PeerCounters Counters { get; } = new();

    /// <summary>Whether the service keeps the others from hearing this one.</summary>
    public bool IsMuted { get; set; }

    /// <summary>How many reports and round trips the metrics have seen.</summary>
    public (long Reports, long RoundTrips) Observed { get; set; }

    /// <summary>What is known of the voice, for the list of speakers.</summary>
    public ref SpeakerVoice Voice => ref _voice;

    /// <summary>The lines of remote sources, in the order of their mids, which begin with 1.</summary>
    public IReadOnlyList<Line> Lines => _lines;

    /// <summary>Of the latest offer; 0 before the first.</summary>
    public int Revision { get; private set; }

    /// <summary>Whether the latest offer waits for its answer.</summary>
    public bool IsAwaitingAnswer { get; private set; }

    /// <summary>Whether something changed that the latest offer does not say.</summary>
    public bool HasNews { get; set; } = true;

    /// <summary>Of the first answer; later ones must have the same (there is one transport for the session's life).</summary>
    public DtlsFingerprint? Fingerprint { get; set; }

    /// <summary>How the session does. Whoever is muted is silent at once, also before the forwarding thread has heard of it.</summary>
    public SessionStats ToStats(TimeSpan now)
    {
        var stats = Counters.ToStats(now);
        return IsMuted && stats.AudioLevel is not null ? stats with { AudioLevel = 0 } : stats;
    }

    public Line? LineOf(string userId) => _lines.Find(line => line.UserId == userId);

    /// <summary>Puts a user's microphone on a line of its own.</summary>
    public void AddSource(string userId)
    {
        var line = _lines.Find(line => line.IsFree && line.Source == MediaSource.Microphone);
        if (line is null)
        {
            line = new Line($"{_lines.Count + 1}", MediaSource.Microphone);
            _lines.Add(line);
        }
        line.Occupy(userId, NextSsrc());
        HasNews = true;
    }

    /// <summary>The next offer, if there is news and none is unanswered.</summary>
    public SdpOffer? NextOffer()
    {
        if (!HasNews || IsAwaitingAnswer)
        {
            return null;
        }
        HasNews = false;
        IsAwaitingAnswer = true;
        Revision++;
        var microphone = new SdpOfferLine(MicrophoneMid, SdpDirection.RecvOnly, null, 0, MediaSource.Microphone);
        return new SdpOffer
        {
            Origin = origin,
            Revision = Revision,
            Ufrag = Ice.Ufrag,
            Password = Ice.Password,
            Fingerprint = transport.Fingerprint,
            Addresses = transport.Addresses,
            Port = transport.Port,
            Lines = [microphone, .. _lines.Select(line => line.Offer())],
        };
    }

    /// <summary>The latest offer has its answer.</summary>
    public void Answered() => IsAwaitingAnswer = false;

    /// <summary>Who stands where, in the words of the wire.</summary>
    public IReadOnlyList<MediaTrack> Tracks()
    {
        var microphone = SdpWriter.Name(MediaSource.Microphone);
        var tracks = new List<MediaTrack> { new(MicrophoneMid, UserId, "audio", microphone) };
        foreach (var line in _lines)
        {
            if (line.UserId is { } user)
            {
                tracks.Add(new MediaTrack(line.Mid, user, "audio", SdpWriter.Name(line.Source)));
            }
        }
        return tracks;
    }

    // Steps of an odd size visit every number once: under one set of keys an SSRC must never come a second time,
    // or AES-GCM would use a nonce twice (RFC 7714 section 8.4).
    private uint NextSsrc()
    {
        const uint step = 0x9E37_79B1;
        do
        {
            _ssrc += step;
        } while (_ssrc <= PeerRtcp.OwnSsrc);
        return _ssrc;
    }
}
