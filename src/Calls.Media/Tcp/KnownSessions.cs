using System.Collections.Concurrent;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Stun;

namespace Calls.Media.Tcp;

/// <summary>Whose checks may open a TCP connection: the sessions that are open. Written under the control plane's lock, read by the thread that accepts.</summary>
internal sealed class KnownSessions
{
    private readonly ConcurrentDictionary<IceUfrag, IceCredentials> _byUfrag = new();
    private readonly Dictionary<PeerId, IceUfrag> _ufrags = [];

    public void Add(PeerId peer, IceCredentials ice)
    {
        var ufrag = IceUfrag.Of(ice);
        _ufrags[peer] = ufrag;
        _byUfrag[ufrag] = ice;
    }

    public void Remove(PeerId peer)
    {
        if (_ufrags.Remove(peer, out var ufrag))
        {
            _byUfrag.TryRemove(ufrag, out _);
        }
    }

    /// <summary>Whether this is an authentic check for one of them.</summary>
    public bool Vouches(ReadOnlySpan<byte> packet) =>
        IceLite.TryReadUfrag(packet, out var ufrag)
        && _byUfrag.TryGetValue(ufrag, out var ice)
        && StunMessage.TryParse(packet, out var check)
        && check.VerifyIntegrity(ice.Key);
}
