using System.Text;
using Calls.Media.Dtls;

namespace Calls.Media.Tests.Sfu;

/// <summary>Answers as browsers write them, cut down to what matters.</summary>
internal static class AnswerText
{
    public static string For(OfferReader offer, DtlsFingerprint fingerprint, string microphone = "sendonly")
    {
        var text = new StringBuilder("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
        text.Append("a=group:BUNDLE ").AppendJoin(' ', offer.Lines.Select(line => line.Mid)).Append("\r\n");
        foreach (var line in offer.Lines)
        {
            var direction = line.Direction switch
            {
                "recvonly" => microphone,
                "sendonly" => "recvonly",
                _ => "inactive",
            };
            text.Append("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n");
            text.Append("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n");
            text.Append("a=fingerprint:sha-256 ").Append(fingerprint).Append("\r\n");
            text.Append("a=setup:active\r\na=mid:").Append(line.Mid).Append("\r\na=").Append(direction).Append("\r\n");
            text.Append("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n");
            text.Append("a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
            text.Append("a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n");
        }
        return text.ToString();
    }
}
