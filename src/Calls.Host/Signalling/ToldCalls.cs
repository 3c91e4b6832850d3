using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>What one connection has been told of live calls: enough to see whether something is missing. Small, and empty while nothing is live.</summary>
internal sealed class ToldCalls
{
    private readonly Dictionary<ChannelId, Told> _told = [];

    private sealed record Told(CallId Call, long Version, bool Rings, long At);

    /// <summary>An event goes out.</summary>
    /// <param name="message">The event.</param>
    /// <param name="self">Whose connection it is.</param>
    /// <param name="now">A timestamp.</param>
    public void Take(ServerEvent message, UserId self, long now)
    {
        switch (message)
        {
            case Ready ready:
                _told.Clear();
                foreach (var call in ready.Calls)
                    _told[call.ChannelId] = new Told(call.CallId, call.Version, call.Ringing == true, now);
                break;
            case CallEndedEvent ended:
                _told.Remove(ended.ChannelId);
                break;
            case CallStateEvent change:
                var known =
                    _told.GetValueOrDefault(change.ChannelId) is { } told && told.Call == change.CallId ? told : null;
                var version = Math.Max(known?.Version ?? 0, change.Version);
                _told[change.ChannelId] = new Told(
                    change.CallId,
                    version,
                    Rings(change, self) ?? known?.Rings ?? false,
                    now
                );
                break;
        }
    }

    /// <summary>A call that this connection has started itself, and knows from the answer.</summary>
    public void Start(ChannelId channel, CallId call, long now) => _told.TryAdd(channel, new Told(call, 1, false, now));

    /// <summary>This connection has made the call quiet for its user itself.</summary>
    public void Quiet(ChannelId channel)
    {
        if (_told.GetValueOrDefault(channel) is { } told)
            _told[channel] = told with { Rings = false };
    }

    /// <summary>Whether something of this call has not been told.</summary>
    public bool Lacks(CallDigest digest, UserId self, long now)
    {
        var rings = digest.Ringing.Contains(self);
        if (_told.GetValueOrDefault(digest.Channel) is not { } told || told.Call != digest.Call)
            return true;
        _told[digest.Channel] = told with { At = now };
        return told.Version < digest.Version || told.Rings != rings;
    }

    /// <summary>Whether a call that it knows has not been mentioned since.</summary>
    public bool HasUnheardOf(long since) => _told.Values.Any(told => told.At < since);

    private static bool? Rings(CallStateEvent change, UserId self) =>
        change switch
        {
            IncomingCall => true,
            RingStopped or CallAnsweredElsewhere => false,
            ParticipantJoinedEvent e when e.UserId == self => false,
            CallDeclinedEvent e when e.UserId == self => false,
            _ => null,
        };
}
