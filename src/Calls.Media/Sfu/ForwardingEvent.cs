using Calls.Media.Ice;

namespace Calls.Media.Sfu;

/// <summary>What the data plane tells: to the owner of the server, or to the handshakes. None of it happens per packet.</summary>
internal abstract record ForwardingEvent(PeerId Peer);

/// <summary>Media can flow (again).</summary>
internal sealed record PeerConnected(PeerId Peer, string SessionId) : ForwardingEvent(Peer);

/// <summary>Nothing was heard for too long, or the client said goodbye.</summary>
internal sealed record PeerSilent(PeerId Peer, string SessionId) : ForwardingEvent(Peer);

/// <summary>The thread had not run for so long that the sessions may be others' by now: what they send is held back.</summary>
internal sealed record StoodStill() : ForwardingEvent(default(PeerId));

/// <summary>A datagram for a handshake, from an address that a check has verified.</summary>
internal sealed record DtlsArrived(PeerId Peer, NetworkPath From, byte[] Datagram) : ForwardingEvent(Peer);

/// <summary>The session does not need this TCP connection any more.</summary>
internal sealed record ConnectionLeft(PeerId Peer, uint Connection) : ForwardingEvent(Peer);

/// <summary>The client uses its keys: it has got our last flight, and the handshake can be forgotten.</summary>
internal sealed record KeysInUse(PeerId Peer) : ForwardingEvent(Peer);
