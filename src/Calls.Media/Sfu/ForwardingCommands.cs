using Calls.Media.Ice;

namespace Calls.Media.Sfu;

/// <summary>What the control plane tells the data plane. Commands are taken in order, before the next datagram.</summary>
internal abstract record ForwardingCommand;

/// <summary>A session may send checks from now on.</summary>
internal sealed record AddPeer(
    PeerId Id,
    string SessionId,
    IceCredentials Ice,
    bool Muted,
    bool Deafened,
    PeerCounters Counters
) : ForwardingCommand;

/// <summary>A session is over: nothing is taken from it and nothing sent to it any more.</summary>
internal sealed record RemovePeer(PeerId Id) : ForwardingCommand;

/// <summary>Whether a session is heard and hears.</summary>
internal sealed record SetPeerVoice(PeerId Id, bool Muted, bool Deafened) : ForwardingCommand;

/// <summary>What the client's answer said about a line of its own: a null format when it does not send there.</summary>
internal sealed record SetUplink(PeerId Id, UplinkFormat? Format, string Mid = ControlSession.MicrophoneMid)
    : ForwardingCommand;

/// <summary>A receiver has agreed to a line: the source's packets may flow to it. With the SSRC that the line has already, only the source changes and the stream goes on.</summary>
/// <param name="Receiver">Who gets it.</param>
/// <param name="Source">Whose it is.</param>
/// <param name="Format">How it has to look.</param>
/// <param name="SourceMid">Which of the source's own lines.</param>
internal sealed record SetDownlink(
    PeerId Receiver,
    PeerId Source,
    DownlinkFormat Format,
    string SourceMid = ControlSession.MicrophoneMid
) : ForwardingCommand;

/// <summary>The receiver wants nothing on a line for now. Its stream is kept: under the same keys an SSRC must never begin anew.</summary>
internal sealed record PauseDownlink(PeerId Receiver, string Mid) : ForwardingCommand;

/// <summary>The line's source is gone.</summary>
internal sealed record RemoveDownlink(PeerId Receiver, string Mid) : ForwardingCommand;

/// <summary>DTLS is done and the client is who the answer says: keys for both directions.</summary>
internal sealed record SetKeys(PeerId Id, PeerKeys Keys) : ForwardingCommand;

/// <summary>What the session sends may be forwarded again after <see cref="ForwardingCore.Hold"/>.</summary>
internal sealed record ReleasePeer(PeerId Id) : ForwardingCommand;

/// <summary>A session as the data plane knows it: a number, never used twice by one server.</summary>
internal readonly record struct PeerId(long Number);

/// <summary>How a source of a client's comes.</summary>
/// <param name="PayloadTypes">Those that the line's codec may have.</param>
/// <param name="AudioLevelId">Header-extension id, 0 for none.</param>
/// <param name="MidId">Header-extension id, 0 for none.</param>
/// <param name="Mid">The line's <c>a=mid</c>.</param>
internal sealed record UplinkFormat(byte[] PayloadTypes, int AudioLevelId, int MidId, string Mid)
{
    /// <summary>What it is.</summary>
    public Sdp.MediaSource Source { get; init; } = Sdp.MediaSource.Microphone;

    /// <summary>The payload type of the codec with redundancy; 0 for none.</summary>
    public byte RedType { get; init; }

    /// <summary>Timestamp units a second.</summary>
    public int ClockRate { get; init; } = Sdp.SdpFormats.OpusClock;

    /// <summary>Whether the client sends packets again that it is asked for.</summary>
    public bool TakesNack { get; init; }

    /// <summary>Header-extension id of the transport-wide sequence number, if the client wants feedback on it; 0 for none.</summary>
    public int TransportId { get; init; }

    /// <summary>Whether feedback may come without a report before it (RFC 5506).</summary>
    public bool TakesReducedSize { get; init; }

    /// <summary>What a payload type stands for. False when it was not agreed on.</summary>
    public bool TryFormat(byte type, out PayloadFormat format)
    {
        format = type == RedType && type != 0 ? PayloadFormat.Red : PayloadFormat.Plain;
        return format == PayloadFormat.Red || PayloadTypes.AsSpan().Contains(type);
    }
}

/// <summary>How a line's packets have to look for its receiver.</summary>
/// <param name="Mid">The line's <c>a=mid</c>.</param>
/// <param name="Ssrc">The outgoing SSRC.</param>
/// <param name="Name">The canonical name (RFC 3550 section 6.5.1) of the source.</param>
/// <param name="PayloadType">Of the line's codec.</param>
/// <param name="AudioLevelId">Header-extension id, 0 for none.</param>
/// <param name="MidId">Header-extension id, 0 for none.</param>
internal sealed record DownlinkFormat(string Mid, uint Ssrc, string Name, byte PayloadType, int AudioLevelId, int MidId)
{
    /// <inheritdoc cref="UplinkFormat.RedType"/>
    public byte RedType { get; init; }

    /// <inheritdoc cref="UplinkFormat.ClockRate"/>
    public int ClockRate { get; init; } = Sdp.SdpFormats.OpusClock;

    /// <summary>Whether the receiver asks for packets that it misses.</summary>
    public bool SendsNack { get; init; }

    /// <summary>Header-extension id of the transport-wide sequence number; 0 for none.</summary>
    public int TransportId { get; init; }
}
