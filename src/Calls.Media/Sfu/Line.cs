using Calls.Media.Sdp;

namespace Calls.Media.Sfu;

/// <summary>One m-line of one session. It keeps its place and its mid for the session's life; who stands on it changes.</summary>
internal sealed class Line(string mid, MediaSource source)
{
    /// <summary>The <c>a=mid</c>: the line's place in the offer.</summary>
    public string Mid { get; } = mid;

    /// <summary>What kind of source fits on it.</summary>
    public MediaSource Source { get; } = source;

    /// <summary>Whose source stands here; null when nobody's does.</summary>
    public string? UserId { get; private set; }

    /// <summary>The outgoing SSRC of whoever stands here.</summary>
    public uint Ssrc { get; private set; }

    /// <summary>The SSRC in the latest offer, 0 when it said inactive or the line was in none yet.</summary>
    public uint OfferedSsrc { get; private set; }

    /// <summary>Whether any offer had the line yet.</summary>
    public bool WasOffered { get; private set; }

    /// <summary>How the client wants what is sent, once it has agreed to the present source.</summary>
    public DownlinkFormat? Agreed { get; private set; }

    /// <summary>What the client last agreed to: 0 is inactive, or that it knows nothing of the line.</summary>
    private uint _knownSsrc;

    /// <summary>Whether another source may come here. Not before the client has agreed that the one before is gone: otherwise browsers take the new one for the old.</summary>
    public bool IsFree => UserId is null && OfferedSsrc == 0 && _knownSsrc == 0;

    public void Occupy(string userId, uint ssrc)
    {
        UserId = userId;
        Ssrc = ssrc;
    }

    public void Vacate()
    {
        UserId = null;
        Ssrc = 0;
        Agreed = null;
    }

    public SdpOfferLine Offer()
    {
        OfferedSsrc = Ssrc;
        WasOffered = true;
        return UserId is { } user
            ? new SdpOfferLine(Mid, SdpDirection.SendOnly, user, Ssrc, Source)
            : new SdpOfferLine(Mid, SdpDirection.Inactive, null, 0, Source);
    }

    /// <summary>The client has answered the latest offer.</summary>
    /// <param name="format">How it wants the line's packets, or null when it wants none.</param>
    public void Answer(DownlinkFormat? format)
    {
        _knownSsrc = OfferedSsrc;
        // If the source has changed since, the next offer says so, and what this answer agrees to is gone already.
        if (UserId is not null && Ssrc == OfferedSsrc)
        {
            Agreed = format;
        }
    }
}
