using Calls.Media.Dtls;
using Calls.Media.Sdp;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>Offers and answers by value: no network, no time.</summary>
public sealed class ControlPlaneTests
{
    private static readonly DtlsFingerprint Certificate = DtlsFingerprint.Of([9]);

    private readonly ControlPlane _control = new(
        new SdpTransport(Certificate, [System.Net.IPAddress.Loopback], 7882),
        new Random(1).NextBytes
    );
    private readonly Dictionary<string, MediaOffer> _offers = [];

    [Fact]
    public void The_first_one_in_is_offered_a_microphone_and_nothing_else()
    {
        Open("alice").ShouldBe(["alice r1: 0=alice"]);
    }

    [Fact]
    public void The_second_one_in_is_offered_the_first_and_the_other_way_round()
    {
        Open("alice");
        Answer("alice");
        Open("bob").ShouldBe(["bob r1: 0=bob 1=alice", "alice r2: 0=alice 1=bob"]);
    }

    [Fact]
    public void Whoever_has_not_answered_yet_is_told_everything_at_once_when_they_do()
    {
        Open("alice");
        Open("bob").ShouldBe(["bob r1: 0=bob 1=alice"]);
        Open("carol").ShouldBe(["carol r1: 0=carol 1=alice 2=bob"]);
        Answer("alice").ShouldBe(["alice r2: 0=alice 1=bob 2=carol"]);
        Answer("alice").ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_and_goes_between_two_offers_is_never_offered()
    {
        Open("alice");
        Open("bob");
        Close("bob");
        Answer("alice").ShouldBe(["alice r2: 0=alice"]);
        _offers["alice"].Sdp.ShouldContain("a=group:BUNDLE 0 1\r\n");
        _offers["alice"].Sdp.ShouldContain("a=inactive");
    }

    [Fact]
    public void A_line_is_used_again_only_when_the_client_knows_that_it_is_empty()
    {
        OpenAndAnswer("alice");
        OpenAndAnswer("bob");
        Answer("alice");
        Close("bob").ShouldBe(["alice r3: 0=alice"]);
        // Not answered yet: carol gets a line of her own.
        Open("carol");
        Answer("alice").ShouldBe(["alice r4: 0=alice 2=carol"]);
        Answer("alice");
        // Answered: dave takes bob's.
        Open("dave").ShouldContain("alice r5: 0=alice 1=dave 2=carol");
    }

    [Fact]
    public void Coming_and_going_a_thousand_times_while_somebody_does_not_answer_costs_two_lines()
    {
        OpenAndAnswer("alice");
        OpenAndAnswer("bob");
        for (var i = 0; i < 1_000; i++)
        {
            Close("bob");
            Open("bob");
        }
        Answer("alice");
        _offers["alice"].Tracks.Count.ShouldBe(2);
        new OfferReader(_offers["alice"].Sdp).Lines.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void No_SSRC_is_ever_offered_twice_in_a_session()
    {
        OpenAndAnswer("alice");
        var seen = new List<uint>();
        for (var i = 0; i < 300; i++)
        {
            Open("bob");
            Answer("alice");
            seen.Add(new OfferReader(_offers["alice"].Sdp).Lines[1].Ssrc);
            Close("bob");
            Answer("alice");
        }
        seen.Distinct().Count().ShouldBe(300);
        seen.ShouldAllBe(ssrc => ssrc > 1);
    }

    [Fact]
    public void A_users_second_session_replaces_the_first_and_is_no_news_to_the_others()
    {
        OpenAndAnswer("alice");
        OpenAndAnswer("bob");
        Answer("alice");
        Open("bob", "bob-2").ShouldBe(["bob-2 r1: 0=bob 1=alice"]);
        _control.Find("bob").ShouldBeNull();
        _control.SessionCount.ShouldBe(2);
        Close("bob").ShouldBeEmpty();
        Answer("bob", 1).ShouldBe(["Stale"]);
    }

    [Fact]
    public void A_second_session_that_comes_before_the_others_answered_flows_when_they_do()
    {
        OpenAndAnswer("alice");
        OpenAndAnswer("bob");
        Open("bob", "bob-2");
        AnswerCommands("alice")
            .OfType<SetDownlink>()
            .ShouldHaveSingleItem()
            .Source.ShouldBe(_control.Find("bob-2")!.Peer);
    }

    [Fact]
    public void Media_flows_only_to_those_who_have_agreed_to_it()
    {
        OpenAndAnswer("alice");
        Open("bob");
        // Bob's answer agrees to alice; alice has not answered hers.
        var commands = AnswerCommands("bob");
        var downlink = commands.OfType<SetDownlink>().ShouldHaveSingleItem();
        downlink.Receiver.ShouldBe(_control.Find("bob")!.Peer);
        downlink.Source.ShouldBe(_control.Find("alice")!.Peer);
        downlink.Format.ShouldBe(
            new DownlinkFormat("1", new OfferReader(_offers["bob"].Sdp).Lines[1].Ssrc, "alice", 111, 1, 2)
        );
        AnswerCommands("alice").OfType<SetDownlink>().ShouldHaveSingleItem();
    }

    [Fact]
    public void The_numbers_of_the_answer_are_used_not_those_of_the_offer()
    {
        OpenAndAnswer("alice");
        Open("bob");
        var commands = AnswerCommands(
            "bob",
            sdp => sdp.Replace("111", "109").Replace("extmap:1 ", "extmap:7 ").Replace("extmap:2 ", "extmap:3 ")
        );
        var downlink = commands.OfType<SetDownlink>().Single().Format;
        (downlink.PayloadType, downlink.AudioLevelId, downlink.MidId).ShouldBe(((byte)109, 7, 3));
        var uplink = commands.OfType<SetUplink>().Single().Format!;
        uplink.PayloadTypes.ShouldBe([111, 109]);
        (uplink.AudioLevelId, uplink.MidId).ShouldBe((7, 3));
    }

    [Fact]
    public void Extensions_that_a_client_does_not_want_are_not_sent()
    {
        OpenAndAnswer("alice");
        Open("bob");
        var format = AnswerCommands("bob", sdp => sdp.Replace("extmap:1 ", "x:").Replace("extmap:2 ", "extmap:15 "))
            .OfType<SetDownlink>()
            .Single()
            .Format;
        (format.AudioLevelId, format.MidId).ShouldBe((0, 0));
    }

    [Fact]
    public void A_client_may_have_no_microphone_and_refuse_a_line()
    {
        OpenAndAnswer("alice");
        Open("bob");
        var commands = AnswerCommands(
            "bob",
            sdp => sdp.Replace("a=sendonly", "a=inactive").Replace("a=recvonly", "a=inactive")
        );
        commands.OfType<SetUplink>().Single().Format.ShouldBeNull();
        commands.OfType<SetDownlink>().ShouldBeEmpty();
    }

    [Fact]
    public void Answers_to_what_was_never_offered_or_is_answered_are_stale()
    {
        Open("alice");
        Answer("alice", 0).ShouldBe(["Stale"]);
        Answer("alice", 2).ShouldBe(["Stale"]);
        Answer("alice", 1).ShouldBeEmpty();
        Answer("alice", 1).ShouldBe(["Stale"]);
        _control.Answer("nobody", 1, "").Outcome.ShouldBe(AnswerOutcome.Stale);
    }

    [Theory]
    [InlineData("a=mid:0", "a=mid:7", "a=mid is 7, in the offer it is 0")]
    [InlineData("m=audio", "m=video", "the medium is video")]
    [InlineData("opus/48000", "PCMU/8000", "no a=rtpmap for opus/48000")]
    [InlineData("a=setup:active", "a=setup:passive", "a=setup must be active")]
    [InlineData("v=0", "v", "line 1")]
    public void An_answer_that_does_not_fit_is_refused_with_words_and_may_be_given_again(
        string right,
        string wrong,
        string words
    )
    {
        Open("alice");
        var answer = AnswerText.For(new OfferReader(_offers["alice"].Sdp), Certificate);
        var result = _control.Answer("alice", 1, answer.Replace(right, wrong));
        result.Outcome.ShouldBe(AnswerOutcome.Invalid);
        result.Message!.ShouldContain(words);
        _control.Answer("alice", 1, answer).Outcome.ShouldBe(AnswerOutcome.Accepted);
    }

    [Fact]
    public void An_answer_needs_as_many_lines_as_the_offer()
    {
        Open("alice");
        var one = AnswerText.For(new OfferReader(_offers["alice"].Sdp), Certificate);
        Answer("alice");
        Open("bob");
        var result = _control.Answer("alice", 2, one);
        result.Message!.ShouldContain("the answer has 1 m-lines, the offer 2");
    }

    [Fact]
    public void The_certificate_stays_the_same_for_a_session()
    {
        OpenAndAnswer("alice");
        Open("bob");
        var other = AnswerText.For(new OfferReader(_offers["alice"].Sdp), DtlsFingerprint.Of([1]));
        _control.Answer("alice", 2, other).Message!.ShouldContain("a=fingerprint");
    }

    [Fact]
    public void Opening_a_session_again_changes_nothing_and_elsewhere_is_a_bug()
    {
        Open("alice");
        Open("alice").ShouldBeEmpty();
        Should.Throw<InvalidOperationException>(() => _control.Open("other", "alice", "alice", false, false));
        Should.Throw<InvalidOperationException>(() => _control.Open("room", "alice", "bob", false, false));
    }

    [Fact]
    public void An_empty_room_is_gone()
    {
        Open("alice");
        Open("bob");
        _control.RoomCount.ShouldBe(1);
        Close("alice");
        Close("bob");
        Close("bob");
        (_control.SessionCount, _control.RoomCount).ShouldBe((0, 0));
    }

    private List<string> Open(string user, string? session = null)
    {
        _control.Open("room", session ?? user, user, muted: false, deafened: false);
        return Offers();
    }

    private void OpenAndAnswer(string user)
    {
        Open(user);
        Answer(user);
    }

    private List<string> Close(string session)
    {
        _control.Close(session);
        return Offers();
    }

    private List<string> Answer(string session, int? revision = null)
    {
        var offer = _offers[session];
        var answer = AnswerText.For(new OfferReader(offer.Sdp), Certificate);
        var result = _control.Answer(session, revision ?? offer.Revision, answer);
        return result.Outcome == AnswerOutcome.Stale && revision is not null ? ["Stale"] : Offers();
    }

    private List<ForwardingCommand> AnswerCommands(string session, Func<string, string>? edit = null)
    {
        _control.TakeOutputs();
        var offer = _offers[session];
        var answer = AnswerText.For(new OfferReader(offer.Sdp), Certificate);
        _control
            .Answer(session, offer.Revision, (edit ?? (sdp => sdp))(answer))
            .ShouldBe(new AnswerResult(AnswerOutcome.Accepted));
        return [.. _control.TakeOutputs().OfType<Forwarding>().Select(forwarding => forwarding.Command)];
    }

    private List<string> Offers()
    {
        var said = new List<string>();
        foreach (var output in _control.TakeOutputs().OfType<SendOffer>())
        {
            var offer = output.Offer;
            _offers[offer.SessionId] = offer;
            var tracks = offer.Tracks.Select(track => $"{track.Mid}={track.UserId}");
            said.Add($"{offer.SessionId} r{offer.Revision}: {string.Join(' ', tracks)}");
        }
        return said;
    }
}
