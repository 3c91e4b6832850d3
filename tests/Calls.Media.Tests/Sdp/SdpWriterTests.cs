using System.Net;
using Calls.Media.Dtls;
using Calls.Media.Sdp;

namespace Calls.Media.Tests.Sdp;

public sealed class SdpWriterTests
{
    private static readonly DtlsFingerprint Certificate = DtlsFingerprint.Of([1, 2, 3]);

    [Fact]
    public void An_offer_says_what_the_protocol_says()
    {
        var text = SdpWriter.Write(
            Offer(
                new SdpOfferLine("0", SdpDirection.RecvOnly, null, 0, MediaSource.Microphone),
                new SdpOfferLine("1", SdpDirection.SendOnly, "bob", 4_000_000_000, MediaSource.Microphone),
                new SdpOfferLine("2", SdpDirection.Inactive, null, 0, MediaSource.Microphone)
            )
        );
        var transport = $"""
            c=IN IP4 192.0.2.1
            a=candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host
            a=candidate:2 1 udp 2130706175 2001:db8::1 7882 typ host
            a=candidate:3 1 tcp 1520435199 192.0.2.1 7882 typ host tcptype passive
            a=candidate:4 1 tcp 1520434943 2001:db8::1 7882 typ host tcptype passive
            a=end-of-candidates
            a=ice-ufrag:abcdefgh
            a=ice-pwd:secret
            a=fingerprint:sha-256 {Certificate}
            a=setup:actpass
            """;
        const string format = """
            a=rtcp-mux
            a=rtcp-rsize
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1
            a=rtcp-fb:111 transport-cc
            a=rtcp-fb:111 nack
            a=rtcp-fb:111 rrtr
            a=rtpmap:63 red/48000/2
            a=fmtp:63 111/111
            a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
            a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            """;
        var expected = $"""
            v=0
            o=- 77 3 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=ice-lite
            a=group:BUNDLE 0 1 2
            a=extmap-allow-mixed
            m=audio 7882 UDP/TLS/RTP/SAVPF 111 63
            {transport}
            a=mid:0
            a=recvonly
            {format}
            m=audio 7882 UDP/TLS/RTP/SAVPF 111 63
            {transport}
            a=mid:1
            a=sendonly
            {format}
            a=msid:bob bob.microphone
            a=ssrc:4000000000 cname:bob
            a=ssrc:4000000000 msid:bob bob.microphone
            m=audio 7882 UDP/TLS/RTP/SAVPF 111 63
            {transport}
            a=mid:2
            a=inactive
            {format}

            """;
        text.ShouldBe(expected.ReplaceLineEndings("\r\n"));
    }

    [Fact]
    public void The_interface_of_a_link_local_address_stays_at_home()
    {
        var offer = Offer(new SdpOfferLine("0", SdpDirection.RecvOnly, null, 0, MediaSource.Microphone));
        var text = SdpWriter.Write(offer with { Addresses = [IPAddress.Parse("fe80::1%3")] });
        text.ShouldContain("c=IN IP6 fe80::1\r\n");
        text.ShouldContain("udp 2130706431 fe80::1 7882 typ host");
    }

    private static SdpOffer Offer(params SdpOfferLine[] lines) =>
        new()
        {
            Origin = 77,
            Revision = 3,
            Ufrag = "abcdefgh",
            Password = "secret",
            Fingerprint = Certificate,
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
            Port = 7882,
            Lines = lines,
        };
}
