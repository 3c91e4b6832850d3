using Calls.Media.Sdp;

namespace Calls.Media.Tests.Sdp;

public sealed class SdpParserTests
{
    public static TheoryData<string, string> Answers =>
        new() { { "Chromium", BrowserAnswers.Chromium }, { "Firefox", BrowserAnswers.Firefox } };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Browsers_answers_are_understood(string browser, string sdp)
    {
        SdpParser.TryParse(sdp, out var answer, out var error).ShouldBeTrue($"{browser}: {error}");

        answer!.Fingerprint.ToString().ShouldBe(BrowserAnswers.Fingerprint);
        answer.Lines.Select(line => line.Mid).ShouldBe(["0", "1"]);
        answer.Lines.Select(line => line.Direction).ShouldBe([SdpDirection.SendOnly, SdpDirection.RecvOnly]);
        answer.Lines.ShouldAllBe(line => line.Find("OPUS", 48_000) == 111);
        answer.Lines[0].Extensions["urn:ietf:params:rtp-hdrext:sdes:mid"].ShouldBe(2);
        answer.Lines[0].Ssrcs.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("a=setup:active", "a=setup:passive", "m-line 0: a=setup must be active in an answer, and is passive")]
    [InlineData("a=setup:active", "a=setup:sideways", "line 16: a=setup is ill-formed")]
    [InlineData("a=setup:active", "a=x", "m-line 0: a=setup must be active in an answer, and is missing")]
    [InlineData("sha-256 49", "sha-256 4G", "line 15: a=fingerprint is ill-formed")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", "m-line 0 has no a=fingerprint with sha-256")]
    [InlineData("a=mid:1", "a=x:1", "m-line 1 has no a=mid")]
    [InlineData("m=audio 9", "m=audio nine", "line 27: m= without a port")]
    [InlineData("m=audio 9", "m=application 9", "line 27: m= with another medium")]
    [InlineData("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111", "line 8: m= with another protocol")]
    [InlineData("SAVPF 111", "SAVPF 128", "line 8: m= with a format that is no payload type")]
    [InlineData("SAVPF 111", "SAVPF", "line 8: m= is incomplete")]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111", "line 24: a=rtpmap is ill-formed")]
    [InlineData("a=extmap:1 ", "a=extmap:0 ", "line 18: a=extmap is ill-formed")]
    [InlineData("a=ssrc:275724957", "a=ssrc:99999999999", "line 26: a=ssrc is ill-formed")]
    [InlineData("s=-", "hello", "line 3: not of the form x=")]
    public void What_is_wrong_is_said_with_its_line(string right, string wrong, string error)
    {
        SdpParser.TryParse(BrowserAnswers.Chromium.Replace(right, wrong), out _, out var said).ShouldBeFalse();
        said.ShouldStartWith(error);
    }

    [Fact]
    public void Lines_may_end_in_either_way()
    {
        var sdp = BrowserAnswers.Chromium.ReplaceLineEndings("\r\n") + "\r\n";
        SdpParser.TryParse(sdp, out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void Two_certificates_on_one_transport_are_refused()
    {
        var at = BrowserAnswers.Chromium.LastIndexOf("49:F8", StringComparison.Ordinal);
        var sdp = string.Concat(BrowserAnswers.Chromium.AsSpan(0, at), "50", BrowserAnswers.Chromium.AsSpan(at + 2));
        SdpParser.TryParse(sdp, out _, out var error).ShouldBeFalse();
        error.ShouldStartWith("m-line 1: another a=fingerprint");
    }

    [Fact]
    public void A_rejected_line_needs_nothing_that_belongs_to_a_transport()
    {
        var sdp = BrowserAnswers.Chromium[..BrowserAnswers.Chromium.IndexOf("m=audio 9", StringComparison.Ordinal)];
        SdpParser.TryParse(sdp + "m=audio 0 UDP/TLS/RTP/SAVPF 111", out var answer, out _).ShouldBeTrue();
        answer!.Lines[1].Rejected.ShouldBeTrue();
        answer.Lines[1].Receives.ShouldBeFalse();
    }

    [Fact]
    public void Everything_has_a_bound()
    {
        Refusal(new string('a', SdpParser.MaxLength + 1)).ShouldContain("65536 are allowed");
        Refusal("a=" + new string('b', SdpParser.MaxLineLength)).ShouldBe("line 1: longer than 2048 characters");
        Refusal(Many("m=audio 9 UDP/TLS/RTP/SAVPF 111\n", SdpParser.MaxMediaLines + 1))
            .ShouldContain("more than 160 m-lines");
        Refusal(Many("a=rtpmap:1 x/8000\n", SdpParser.MaxPerLine + 1)).ShouldStartWith("line 129: a=rtpmap");
        Refusal(Numbered("a=ssrc:", " x:y\n", SdpParser.MaxPerLine + 1)).ShouldStartWith("line 129: a=ssrc");
        Refusal(Numbered("a=extmap:1 ", "\n", SdpParser.MaxPerLine + 1)).ShouldStartWith("line 129: a=extmap");

        static string Refusal(string sdp)
        {
            SdpParser.TryParse(sdp, out _, out var error).ShouldBeFalse();
            return error;
        }
        static string Many(string line, int count) => string.Concat(Enumerable.Repeat(line, count));
        static string Numbered(string head, string tail, int count) =>
            string.Concat(Enumerable.Range(1, count).Select(i => head + i + tail));
    }

    [Fact]
    public void Nothing_that_is_done_to_an_answer_makes_the_parser_throw()
    {
        var chance = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var text = (i % 2 == 0 ? BrowserAnswers.Chromium : BrowserAnswers.Firefox).ToCharArray().ToList();
            for (var change = chance.Next(1, 6); change > 0; change--)
            {
                var at = chance.Next(text.Count);
                switch (chance.Next(4))
                {
                    case 0:
                        text[at] = (char)chance.Next(0x300);
                        break;
                    case 1:
                        text.RemoveRange(at, Math.Min(chance.Next(40), text.Count - at));
                        break;
                    case 2:
                        text.InsertRange(at, text.GetRange(0, Math.Min(chance.Next(100), text.Count)));
                        break;
                    default:
                        text[at] = " :=/\n\r0"[chance.Next(7)];
                        break;
                }
            }
            var sdp = new string([.. text]);
            var parsed = SdpParser.TryParse(sdp, out var answer, out var error);
            (parsed ? answer is not null && error == "" : answer is null && error != "").ShouldBeTrue(sdp);
        }
    }
}
