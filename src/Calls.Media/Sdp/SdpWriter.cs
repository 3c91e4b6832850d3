using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Calls.Media.Rtp;

namespace Calls.Media.Sdp;

/// <summary>Writes offers (RFC 8866, RFC 9429): one transport for all m-lines (BUNDLE), ICE-lite, DTLS-SRTP.</summary>
public static class SdpWriter
{
    // RFC 8445 section 5.1.2.1: (2^24) * type preference 126 + (2^8) * local preference + (256 - component 1).
    private const uint HostTypePreference = 126u << 24;
    private const uint ComponentPreference = 255;

    // RFC 6544 section 4.2: below every UDP candidate (90 is what browsers give a host's TCP), and in the local
    // preference's upper three bits 4 for passive.
    private const uint TcpTypePreference = 90u << 24;
    private const uint PassiveLocalPreference = (4u << 13) + 8_191;

    private const uint HighestLocalPreference = 65_535;

    // Said of every m-line, and the same in all offers.
    private static readonly string Codecs = CodecLines();

    // What one offer was written in serves for the next: in a call of 25 it has some 50 KB, and each join makes 25 offers.
    [ThreadStatic]
    private static StringBuilder? _text;

    /// <summary>The text of an offer. Everybody gets one for each change of a call, so nothing is made for it but the text.</summary>
    public static string Write(SdpOffer offer)
    {
        var text = (_text ??= new StringBuilder(4_096)).Clear();
        var transport = TransportLines(offer);
        text.Append("v=0\r\n");
        Line(text, $"o=- {offer.Origin} {offer.Revision} IN IP4 127.0.0.1");
        text.Append("s=-\r\nt=0 0\r\na=ice-lite\r\n");
        text.Append("a=group:BUNDLE");
        foreach (var line in offer.Lines)
        {
            text.Append(' ').Append(line.Mid);
        }
        text.Append("\r\na=extmap-allow-mixed\r\n");
        foreach (var line in offer.Lines)
        {
            Media(text, offer, line, transport);
        }
        return text.ToString();
    }

    private static void Media(StringBuilder text, SdpOffer offer, SdpOfferLine line, string transport)
    {
        Line(text, $"m=audio {offer.Port} UDP/TLS/RTP/SAVPF {SdpFormats.Opus} {SdpFormats.Red}");
        text.Append(transport);
        Line(text, $"a=mid:{line.Mid}");
        Line(text, $"a={Direction(line.Direction)}");
        text.Append("a=rtcp-mux\r\na=rtcp-rsize\r\n").Append(Codecs);
        if (line is { Direction: SdpDirection.SendOnly, Stream: { } stream })
        {
            var source = Name(line.Source);
            Line(text, $"a=msid:{stream} {stream}.{source}");
            Line(text, $"a=ssrc:{line.Ssrc} cname:{stream}");
            Line(text, $"a=ssrc:{line.Ssrc} msid:{stream} {stream}.{source}");
        }
    }

    // The same on every line, as RFC 9143 section 7.2.1 has it for lines that are bundled already.
    private static string TransportLines(SdpOffer offer)
    {
        var text = new StringBuilder(512);
        Line(text, $"c=IN {Family(offer.Addresses[0])} {Text(offer.Addresses[0])}");
        Candidates(text, offer);
        Line(text, $"a=ice-ufrag:{offer.Ufrag}");
        Line(text, $"a=ice-pwd:{offer.Password}");
        Line(text, $"a=fingerprint:sha-256 {offer.Fingerprint}");
        // "actpass" is what RFC 8842 section 5.2 asks of every offer; an answer makes it "active".
        return text.Append("a=setup:actpass\r\n").ToString();
    }

    private static string CodecLines()
    {
        var text = new StringBuilder();
        Line(text, $"a=rtpmap:{SdpFormats.Opus} {SdpFormats.OpusName}/{SdpFormats.OpusClock}/2");
        Line(text, $"a=fmtp:{SdpFormats.Opus} minptime=10;useinbandfec=1;usedtx=1");
        Line(text, $"a=rtcp-fb:{SdpFormats.Opus} {SdpFormats.TransportFeedback}");
        Line(text, $"a=rtcp-fb:{SdpFormats.Opus} {SdpFormats.Nack}");
        Line(text, $"a=rtcp-fb:{SdpFormats.Opus} rrtr");
        Line(text, $"a=rtpmap:{SdpFormats.Red} {SdpFormats.RedName}/{SdpFormats.OpusClock}/2");
        Line(text, $"a=fmtp:{SdpFormats.Red} {SdpFormats.Opus}/{SdpFormats.Opus}");
        Line(text, $"a=extmap:{SdpFormats.AudioLevel} {AudioLevel.Uri}");
        Line(text, $"a=extmap:{SdpFormats.Mid} {SdpFormats.MidUri}");
        Line(text, $"a=extmap:{SdpFormats.Transport} {SdpFormats.TransportUri}");
        return text.ToString();
    }

    private static void Candidates(StringBuilder text, SdpOffer offer)
    {
        for (var i = 0; i < offer.Addresses.Count; i++)
        {
            var priority = HostTypePreference + ((HighestLocalPreference - (uint)i) << 8) + ComponentPreference;
            Line(text, $"a=candidate:{i + 1} 1 udp {priority} {Text(offer.Addresses[i])} {offer.Port} typ host");
        }
        for (var i = 0; i < offer.Addresses.Count; i++)
        {
            var foundation = offer.Addresses.Count + i + 1;
            var priority = TcpTypePreference + ((PassiveLocalPreference - (uint)i) << 8) + ComponentPreference;
            var address = Text(offer.Addresses[i]);
            Line(text, $"a=candidate:{foundation} 1 tcp {priority} {address} {offer.Port} typ host tcptype passive");
        }
        text.Append("a=end-of-candidates\r\n");
    }

    /// <summary>The source in the words of the wire.</summary>
    public static string Name(MediaSource source) =>
        source switch
        {
            MediaSource.Microphone => "microphone",
            MediaSource.Camera => "camera",
            _ => "screen",
        };

    private static string Direction(SdpDirection direction) =>
        direction switch
        {
            SdpDirection.SendRecv => "sendrecv",
            SdpDirection.SendOnly => "sendonly",
            SdpDirection.RecvOnly => "recvonly",
            _ => "inactive",
        };

    private static string Family(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4";

    // Without the interface of a link-local address, which means something on this machine only.
    private static IPAddress Text(IPAddress address) => new(address.GetAddressBytes());

    // The parts go straight into the text. They are texts and whole numbers, which are written alike in all cultures.
    private static void Line(
        StringBuilder text,
        [InterpolatedStringHandlerArgument(nameof(text))] ref StringBuilder.AppendInterpolatedStringHandler line
    ) => text.Append(ref line).Append("\r\n");
}
