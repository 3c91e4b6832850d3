using Calls.Media.Rtp;
using Calls.Media.Sdp;

namespace Calls.Media.Sfu;

/// <summary>Lays an answer beside the offer it is for (RFC 3264 section 6).</summary>
internal static class AnswerMatch
{
    /// <summary>What is wrong with the answer, or null.</summary>
    public static string? Check(ControlSession session, SdpAnswer answer)
    {
        // The latest offer has the lines that the session had then; those added since come with the next one.
        var inOffer = 1 + session.Lines.Count(line => line.WasOffered);
        if (answer.Lines.Count != inOffer)
        {
            return $"the answer has {answer.Lines.Count} m-lines, the offer {inOffer}";
        }
        for (var i = 0; i < inOffer; i++)
        {
            var line = answer.Lines[i];
            var mid = i == 0 ? ControlSession.MicrophoneMid : session.Lines[i - 1].Mid;
            if (!line.Rejected && line.Mid != mid)
            {
                return $"m-line {i}: a=mid is {line.Mid}, in the offer it is {mid}";
            }
            if (line.Kind != "audio")
            {
                return $"m-line {i}: the medium is {line.Kind}, in the offer it is audio";
            }
            if ((line.Sends || line.Receives) && line.Find(SdpFormats.OpusName, SdpFormats.OpusClock) is null)
            {
                return $"m-line {i}: no a=rtpmap for opus/48000";
            }
        }
        return session.Fingerprint is { } first && first != answer.Fingerprint
            ? "a=fingerprint is another one than in this session's first answer"
            : null;
    }

    /// <summary>How the client's microphone will come, or null when the client does not send.</summary>
    public static UplinkFormat? Uplink(SdpAnswerLine line)
    {
        if (!line.Sends || line.Find(SdpFormats.OpusName, SdpFormats.OpusClock) is not { } type)
        {
            return null;
        }
        // A sender uses the numbers of the other side's description, here the offer's (RFC 3264 section 6.1). Some use their own.
        byte[] types = type == SdpFormats.Opus ? [type] : [SdpFormats.Opus, type];
        return new UplinkFormat(
            types,
            Id(line, AudioLevel.Uri),
            Id(line, SdpFormats.MidUri),
            ControlSession.MicrophoneMid
        )
        {
            RedType = Red(line),
            TakesNack = line.HasFeedback(type, SdpFormats.Nack),
            TransportId = TransportId(line, type),
            TakesReducedSize = line.TakesReducedSize,
        };
    }

    /// <summary>How the client wants a line's packets, or null when it wants none.</summary>
    public static DownlinkFormat? Downlink(Line line, SdpAnswerLine answer)
    {
        if (!answer.Receives || answer.Find(SdpFormats.OpusName, SdpFormats.OpusClock) is not { } type)
        {
            return null;
        }
        return new DownlinkFormat(
            line.Mid,
            line.OfferedSsrc,
            line.UserId ?? "",
            type,
            Id(answer, AudioLevel.Uri),
            Id(answer, SdpFormats.MidUri)
        )
        {
            RedType = Red(answer),
            SendsNack = answer.HasFeedback(type, SdpFormats.Nack),
            TransportId = TransportId(answer, type),
        };
    }

    // The numbers are of use to whoever gets feedback on them.
    private static int TransportId(SdpAnswerLine line, byte type) =>
        line.HasFeedback(type, SdpFormats.TransportFeedback) ? Id(line, SdpFormats.TransportUri) : 0;

    private static byte Red(SdpAnswerLine line) => line.Find(SdpFormats.RedName, SdpFormats.OpusClock) ?? 0;

    // Packets are written with one-byte elements, whose ids end at 14 (RFC 8285 section 4.2).
    private static int Id(SdpAnswerLine line, string uri) =>
        line.Extensions.TryGetValue(uri, out var id) && id <= RtpExtensionMap.MaxOneByteId ? id : 0;
}
