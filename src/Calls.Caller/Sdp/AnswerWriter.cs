using System.Globalization;
using System.Text;
using Calls.Media.Dtls;
using Calls.Media.Rtp;

namespace Calls.Caller.Sdp;

/// <summary>What the caller says of itself in every answer of a session.</summary>
internal sealed record AnswerIdentity(
    string Ufrag,
    string Password,
    DtlsFingerprint Fingerprint,
    uint Ssrc,
    string Cname,
    ulong Origin
)
{
    /// <summary>Whether it agrees to retransmission, where that is offered.</summary>
    public bool WantsNack { get; init; }

    /// <summary>Whether it agrees to redundancy, where that is offered; then it is preferred.</summary>
    public bool WantsRed { get; init; }
}

/// <summary>Writes the answer to an offer: the caller is active in DTLS, sends on the line that the server receives on, and receives on all others.</summary>
internal static class AnswerWriter
{
    public static string Write(SessionOffer offer, AnswerIdentity identity, int revision)
    {
        var text = new StringBuilder();
        Line(text, "v=0");
        Line(text, $"o=- {identity.Origin} {revision} IN IP4 127.0.0.1");
        Line(text, "s=-");
        Line(text, "t=0 0");
        Line(text, "a=group:BUNDLE " + string.Join(' ', offer.Lines.Where(l => l.IsTaken).Select(l => l.Mid)));
        foreach (var line in offer.Lines)
        {
            if (line.IsTaken)
            {
                WriteTaken(text, line, identity);
            }
            else
            {
                // Port 0 refuses a line (RFC 3264 §6).
                Line(text, $"m={line.Kind} 0 {line.Formats}");
                Line(text, "c=IN IP4 0.0.0.0");
                Line(text, $"a=mid:{line.Mid}");
                Line(text, "a=inactive");
            }
        }

        return text.ToString();
    }

    private static void WriteTaken(StringBuilder text, OfferedLine line, AnswerIdentity identity)
    {
        var red = identity.WantsRed ? line.RedPayloadType : null;
        var formats = red is { } first ? $"{first} {line.OpusPayloadType}" : $"{line.OpusPayloadType}";
        Line(text, $"m=audio 9 UDP/TLS/RTP/SAVPF {formats}");
        Line(text, "c=IN IP4 0.0.0.0");
        Line(text, $"a=ice-ufrag:{identity.Ufrag}");
        Line(text, $"a=ice-pwd:{identity.Password}");
        Line(text, $"a=fingerprint:sha-256 {identity.Fingerprint}");
        Line(text, "a=setup:active");
        Line(text, $"a=mid:{line.Mid}");
        Line(text, $"a={Direction(line.Direction)}");
        Line(text, "a=rtcp-mux");
        Line(text, "a=rtcp-rsize");
        Line(text, $"a=rtpmap:{line.OpusPayloadType} opus/48000/2");
        Line(text, $"a=fmtp:{line.OpusPayloadType} minptime=10;useinbandfec=1;usedtx=1");
        if (red is { } type)
        {
            Line(text, $"a=rtpmap:{type} red/48000/2");
            Line(text, $"a=fmtp:{type} {line.OpusPayloadType}/{line.OpusPayloadType}");
        }

        if (identity.WantsNack && line.HasNack)
        {
            Line(text, $"a=rtcp-fb:{line.OpusPayloadType} nack");
        }

        if (line.AudioLevelId is { } level)
        {
            Line(text, $"a=extmap:{level} {AudioLevel.Uri}");
        }

        if (line.MidId is { } mid)
        {
            Line(text, $"a=extmap:{mid} urn:ietf:params:rtp-hdrext:sdes:mid");
        }

        if (line.Direction is OfferedDirection.RecvOnly or OfferedDirection.SendRecv)
        {
            Line(text, $"a=msid:{identity.Cname} {identity.Cname}.microphone");
            Line(text, $"a=ssrc:{identity.Ssrc} cname:{identity.Cname}");
        }
    }

    private static string Direction(OfferedDirection offered) =>
        offered switch
        {
            OfferedDirection.RecvOnly => "sendonly",
            OfferedDirection.SendOnly => "recvonly",
            OfferedDirection.SendRecv => "sendrecv",
            _ => "inactive",
        };

    private static void Line(StringBuilder text, FormattableString line) =>
        Line(text, line.ToString(CultureInfo.InvariantCulture));

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
