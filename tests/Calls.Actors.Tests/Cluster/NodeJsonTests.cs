using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Cluster;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Cluster;

/// <summary>Whatever nodes say to each other arrives as it was said.</summary>
public sealed class NodeJsonTests
{
    private static readonly ChannelId Channel = new("dm");
    private static readonly UserId Alice = new("alice");
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static TheoryData<string> Names => [.. Messages().Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_arrives_as_it_was_sent(string name)
    {
        var message = Messages().Single(m => m.Name == name).Message;
        var written = NodeJson.Write(message);
        var read = NodeJson.Read(written);
        read.ShouldNotBeNull();
        read.GetType().ShouldBe(message.GetType());
        NodeJson.Write(read).ShouldBe(written);
    }

    [Fact]
    public void Every_request_about_a_channel_arrives_as_it_was_asked()
    {
        ChannelRequest[] requests =
        [
            new CallGetRequest(Channel),
            new CallStartRequest(Channel, CallMedia.Video) { Command = new CommandId("c1") },
            new CallJoinRequest(Channel),
            new CallDeclineRequest(Channel),
            new CallDismissRequest(Channel),
            new CallLeaveRequest(Channel),
            new CallEndRequest(Channel),
            new CallRingRequest(Channel, null),
            new VoiceStateRequest(Channel, new VoiceChange(Muted: true, Screen: false)),
            new MediaAnswerRequest(Channel, new SessionId("s"), 3, "v=0\r\n"),
            new CallStatsRequest(Channel),
            new MediaRestartRequest(Channel) { Command = new CommandId("c2") },
        ];
        foreach (var request in requests)
            NodeJson.Read(RequestParser.NameOf(request), NodeJson.Write(request)).ShouldBe(request);
        var ring = new CallRingRequest(Channel, [Alice, new UserId("bob")]);
        ((CallRingRequest)NodeJson.Read("call_ring", NodeJson.Write(ring))!).Users!.Value.ShouldBe(ring.Users!.Value);
        var kinds = typeof(ChannelRequest).Assembly.GetTypes().Count(t => t.IsSubclassOf(typeof(ChannelRequest)));
        requests.Length.ShouldBe(kinds, "each kind of request is tried");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"t":"nothing"}""")]
    [InlineData("""{"t":"describe"}""")]
    [InlineData("""{"t":"told","message":{"t":"media_flows"}}""")]
    [InlineData("\u0000\u0001")]
    public void What_is_no_message_is_nothing(string text) =>
        NodeJson.Read(System.Text.Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    private static IEnumerable<(string Name, NodeMessage Message)> Messages()
    {
        var caller = new Caller(Alice, "Älice 🦊", new DeviceId("phone"), "n1/i/c", AnyDevice: true);
        var request = NodeJson.Write(new CallJoinRequest(Channel));
        var view = CallView.Of(State(), At, _ => ConnectionState.Connected) with { Ringing = true };
        ServerEvent left = new ParticipantLeftEvent(Channel, new CallId("c"), 7, Alice, LeaveCause.Moved);
        ServerEvent offer = new MediaOfferEvent(
            Channel,
            new CallId("c"),
            new SessionId("s"),
            1,
            "v=0\r\n",
            [new TrackView("0", "alice", "audio", "microphone")],
            [new IceServerView(["stun:x"], null, null)]
        );
        var refusal = new Refusal(ErrorCode.CallAlreadyExists, "No.");
        yield return ("command", new CommandMessage("n1", 1, caller, "call_join", request, true));
        yield return (
            "command by REST",
            new CommandMessage("n1", 2, new Caller(Alice, "a", null, null), "x", request, false)
        );
        yield return ("drain", new DrainMessage());
        yield return ("digest", new DigestMessage(new CallDigest(Channel, new CallId("c"), 3, [Alice], [])));
        yield return ("recover", new ToldMessage(new RecoverCall(Channel)));
        yield return (
            "replace",
            new EditMessage(
                "n1",
                3,
                Channel,
                new ReplaceChannel(ChannelKind.Group, [new Member(Alice, "a", Permissions.Read | Permissions.Call)])
            )
        );
        yield return ("patch", new EditMessage("n1", 4, Channel, new PatchMembers([], [Alice])));
        yield return ("delete", new EditMessage("n1", 5, Channel, new DeleteChannel()));
        yield return ("describe", new DescribeMessage("n1", 6, Channel, Alice));
        yield return ("present", new ToldMessage(new DevicePresent(Channel, Alice, new DeviceId("d"), "n/i/c")));
        yield return ("gone", new ToldMessage(new DeviceGone(Channel, Alice, new DeviceId("d"), "n/i/c", true)));
        yield return ("give up", new ToldMessage(new GiveUpPlace(Channel, Alice, new SessionId("s"))));
        yield return (
            "settings",
            new ToldMessage(new SettingsChanged(Channel, Alice, new CallSettings(Notifications.Quiet, [Alice])))
        );
        yield return ("answer", new CommandAnswer(7, new CallReply(WireJson.WriteView(view)), new CallId("c")));
        yield return (
            "refusal",
            new CommandAnswer(8, new CallReply(null, refusal, [123, 125], TimeSpan.FromMilliseconds(1500), "e"), null)
        );
        yield return ("description", new DescriptionMessage(9, view));
        yield return ("no description", new DescriptionMessage(9, null));
        yield return ("event", new EventMessage([Alice], left, Alice, new DeviceId("d"), null));
        yield return ("event to all", new EventMessage([Alice], left, null, null, null));
        yield return ("webhooks", new WebhooksMessage(Channel));
        yield return ("offer", new OfferMessage("n/i/c", offer));
    }

    private static CallState State() =>
        CallState
            .Empty.Decide(
                new StartCall(
                    At,
                    Channel,
                    ChannelKind.Direct,
                    new CallId("c"),
                    CallMedia.Audio,
                    Alice,
                    "Älice",
                    ImmutableArray.Create(new UserId("bob"))
                ),
                new CallPolicy()
            )
            .Events.Aggregate(CallState.Empty, (s, e) => s.Apply(e));
}
