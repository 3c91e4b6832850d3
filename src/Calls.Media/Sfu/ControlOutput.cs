using Calls.Media.Dtls;

namespace Calls.Media.Sfu;

/// <summary>What follows from a call to the <see cref="ControlPlane"/>.</summary>
internal abstract record ControlOutput;

/// <summary>To the owner of the server.</summary>
internal sealed record SendOffer(MediaOffer Offer) : ControlOutput;

/// <summary>To the owner of the server: others speak now than when this was told last.</summary>
/// <param name="RoomId">Where.</param>
/// <param name="UserIds">Loudest first.</param>
internal sealed record TellSpeakers(string RoomId, IReadOnlyList<string> UserIds) : ControlOutput;

/// <summary>To the data plane.</summary>
internal sealed record Forwarding(ForwardingCommand Command) : ControlOutput;

/// <summary>To the handshakes: a session that may begin one, with the certificate of its offer.</summary>
internal sealed record AwaitHandshake(PeerId Peer) : ControlOutput;

/// <summary>To the handshakes: this is who the client says it is.</summary>
internal sealed record ExpectCertificate(PeerId Peer, DtlsFingerprint Fingerprint) : ControlOutput;

/// <summary>To the handshakes: nobody needs this one any more.</summary>
internal sealed record ForgetHandshake(PeerId Peer) : ControlOutput;
