using System.Globalization;
using System.Net;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Caller.Tests.Sdp;

public class OfferTests
{
    private const string Fingerprint =
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

    private static readonly string Offer = string.Join(
        "\r\n",
        "v=0",
        "o=- 42 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 0 1 2",
        "m=audio 7882 UDP/TLS/RTP/SAVPF 111",
        "a=candidate:1 1 udp 100 192.0.2.1 7882 typ host",
        "a=candidate:2 1 UDP 200 2001:db8::1 7882 typ host",
        "a=candidate:3 1 tcp 300 192.0.2.1 7882 typ host tcptype passive",
        "a=ice-ufrag:serverFr",
        "a=ice-pwd:a-password-of-24-letters",
        $"a=fingerprint:sha-256 {Fingerprint}",
        "a=setup:actpass",
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on",
        "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid",
        "m=audio 7882 UDP/TLS/RTP/SAVPF 111",
        "a=mid:1",
        "a=sendonly",
        "a=rtpmap:111 opus/48000/2",
        "a=ssrc:3735928559 cname:bob",
        "a=ssrc:3735928559 msid:bob bob.microphone",
        "m=video 7882 UDP/TLS/RTP/SAVPF 96 97",
        "a=mid:2",
        "a=sendonly",
        "a=rtpmap:96 VP8/90000",
        ""
    );

    [Fact]
    public void An_offer_is_read()
    {
        OfferReader.TryRead(Offer, out var offer, out var problem).ShouldBeTrue(problem);
        offer!.Ufrag.ShouldBe("serverFr");
        offer.Password.ShouldBe("a-password-of-24-letters");
        offer.Fingerprint.ToString().ShouldBe(Fingerprint);
        offer.Candidates.ShouldBe([IPEndPoint.Parse("[2001:db8::1]:7882"), IPEndPoint.Parse("192.0.2.1:7882")]);
        offer.Lines.Count.ShouldBe(3);
        var microphone = offer.Lines[0];
        (microphone.Mid, microphone.Direction).ShouldBe(("0", OfferedDirection.RecvOnly));
        (microphone.OpusPayloadType, microphone.AudioLevelId, microphone.MidId).ShouldBe(((byte)111, 1, 2));
        offer.Lines[1].Ssrc.ShouldBe(0xDEAD_BEEF);
        offer.Lines[2].IsTaken.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Retransmission_and_redundancy_are_agreed_on_where_they_are_wanted_and_offered(
        bool isWanted,
        bool isFound
    )
    {
        var rich = Offer.Replace(
            "a=extmap:1",
            "a=rtcp-fb:111 transport-cc\r\na=rtcp-fb:111 nack\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=extmap:1",
            StringComparison.Ordinal
        );
        OfferReader.TryRead(rich, out var offer, out var problem).ShouldBeTrue(problem);
        (offer!.Lines[0].RedPayloadType, offer.Lines[0].HasNack).ShouldBe(((byte?)63, true));
        (offer.Lines[1].RedPayloadType, offer.Lines[1].HasNack).ShouldBe(((byte?)null, false));
        DtlsFingerprint.TryParse(Fingerprint, out var fingerprint).ShouldBeTrue();
        var identity = new AnswerIdentity("me", "my-password", fingerprint, 7, "alice", 9)
        {
            WantsNack = isWanted,
            WantsRed = isWanted,
        };
        var answer = AnswerWriter.Write(offer, identity, 1);
        answer.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n", StringComparison.Ordinal).ShouldBe(isFound);
        answer.Contains("a=rtpmap:63 red/48000/2\r\n", StringComparison.Ordinal).ShouldBe(isFound);
        answer.Contains("a=rtcp-fb:111 nack\r\n", StringComparison.Ordinal).ShouldBe(isFound);
        answer.ShouldContain("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", Case.Sensitive, "the line that offers neither");
    }

    [Fact]
    public void The_answer_mirrors_the_offer_line_by_line()
    {
        OfferReader.TryRead(Offer, out var offer, out _).ShouldBeTrue();
        DtlsFingerprint.TryParse(Fingerprint, out var fingerprint).ShouldBeTrue();
        var answer = AnswerWriter.Write(offer!, new AnswerIdentity("mine", "secret", fingerprint, 7, "alice", 1), 3);
        var media = answer.Split("m=")[1..];
        media.Length.ShouldBe(3);
        media[0].ShouldContain("a=sendonly");
        media[0].ShouldContain("a=setup:active");
        media[0].ShouldContain("a=ssrc:7 cname:alice");
        media[1].ShouldContain("a=recvonly");
        media[1].ShouldNotContain("a=ssrc:");
        media[2].ShouldStartWith("video 0 ");
        answer.ShouldContain("a=group:BUNDLE 0 1\r\n");
        answer.ShouldContain("o=- 1 3 IN IP4 127.0.0.1\r\n");
    }

    [Theory]
    [InlineData("a=ice-pwd:", "a=x:", "no ICE credentials")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", "no SHA-256 fingerprint")]
    [InlineData(" 1 udp ", " 1 udp-lite ", "no UDP candidate")]
    [InlineData("m=", "x=", "no m-line")]
    [InlineData("sha-256 00:", "sha-256 0x:", "ill-formed")]
    [InlineData("a=ssrc:3735928559", "a=ssrc:x", "ill-formed")]
    public void What_is_missing_or_wrong_is_named(string what, string instead, string problem)
    {
        var text = Offer.Replace(what, instead, ignoreCase: true, CultureInfo.InvariantCulture);
        OfferReader.TryRead(text, out _, out var said).ShouldBeFalse();
        said.ShouldContain(problem);
    }

    [Fact]
    public void Mutilated_offers_never_throw() =>
        Prop.ForAll(
                Gen.Choose(0, Offer.Length - 1).ToArbitrary(),
                Gen.Choose(0, 60).ToArbitrary(),
                Gen.Elements("", ":", " ", "a=extmap:", "\n", "65536", "m=audio").ToArbitrary(),
                (at, length, instead) =>
                {
                    var end = Math.Min(Offer.Length, at + length);
                    _ = OfferReader.TryRead(Offer[..at] + instead + Offer[end..], out _, out _);
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
