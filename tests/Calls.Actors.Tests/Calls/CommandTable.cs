using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>
/// What every request leads to in every state of a call, by whoever asks, found out by asking the actors themselves: the
/// table "What a command does" of the protocol's document.
/// </summary>
internal static class CommandTable
{
    private const string NotPossible = "–";

    private static readonly string[] Requests =
    [
        "call_start",
        "call_join",
        "call_decline",
        "call_dismiss",
        "call_leave",
        "call_end",
        "call_ring",
        "voice_state",
        "media_answer",
        "media_restart",
    ];

    /// <summary>Who can be asking, with the user who plays the part in a group.</summary>
    private static readonly (string Role, string User)[] Roles =
    [
        ("initiator", "alice"),
        ("participant", "bob"),
        ("target", "carol"),
        ("who declined", "dave"),
        ("other member", "erin"),
    ];

    /// <summary>The states, each with how a call comes to it and who can be there.</summary>
    private static readonly (string Name, Action<Scene> Make, string[] Absent)[] States =
    [
        ("ringing", scene => scene.Ring(), ["bob"]),
        ("active", scene => scene.Answer(), []),
        ("ringing, direct", scene => scene.RingDirect(), ["bob", "dave", "erin"]),
        ("active, direct", scene => scene.AnswerDirect(), ["carol", "dave", "erin"]),
        ("ended", scene => scene.End(), []),
        ("none", _ => { }, []),
    ];

    /// <summary>The table in Markdown, line by line.</summary>
    public static IReadOnlyList<string> Lines()
    {
        List<string> lines =
        [
            "| request | by | ringing | active | ringing, direct | active, direct | ended, or none |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ];
        foreach (var request in Requests)
        {
            var rows = Roles.Select(r => (Who: new List<string> { r.Role }, Cells: CellsOf(request, r.User))).ToList();
            foreach (var (who, cells) in Merge(rows))
            {
                var by = who.Count == Roles.Length ? "any member" : string.Join(", ", who);
                lines.Add($"| `{request}` | {by} | {string.Join(" | ", cells)} |");
            }
        }
        return lines;
    }

    private static string[] CellsOf(string request, string user)
    {
        var cells = States
            .Select(s => s.Absent.Contains(user) ? NotPossible : Outcome(s.Make, request, user))
            .ToArray();
        cells[^1].ShouldBe(cells[^2], $"{request} by {user} does after an end what it does without a call");
        return cells[..^1];
    }

    private static string Outcome(Action<Scene> make, string request, string user)
    {
        var scene = new Scene();
        make(scene);
        return scene.Ask(request, user);
    }

    /// <summary>Roles with the same outcome wherever both can be make one row.</summary>
    private static List<(List<string> Who, string[] Cells)> Merge(List<(List<string> Who, string[] Cells)> rows)
    {
        List<(List<string> Who, string[] Cells)> merged = [];
        foreach (var row in rows)
        {
            var alike = merged.FindIndex(m => m.Cells.Zip(row.Cells).All(Agree));
            if (alike < 0)
            {
                merged.Add(row);
                continue;
            }
            merged[alike].Who.AddRange(row.Who);
            for (var i = 0; i < row.Cells.Length; i++)
                if (merged[alike].Cells[i] == NotPossible)
                    merged[alike].Cells[i] = row.Cells[i];
        }
        return merged;

        static bool Agree((string First, string Second) cells) =>
            cells.First == cells.Second || cells.First == NotPossible || cells.Second == NotPossible;
    }

    /// <summary>One world with a call in some state, and a device of the initiator's that only listens.</summary>
    private sealed class Scene
    {
        private readonly CallWorld _world = new();
        private readonly Dictionary<string, Device> _devices;
        private readonly Device _witness;
        private string _channel = "group";

        public Scene()
        {
            _world.Channel("group", ChannelKind.Group, [.. Roles.Select(r => r.User)]);
            _world.Channel("direct", ChannelKind.Direct, "alice", "bob");
            _devices = Roles.ToDictionary(r => r.User, r => _world.SignIn(r.User));
            _witness = _world.SignIn("alice", "tablet");
        }

        /// <summary>Erin comes into the channel in mid-call, and so is no target.</summary>
        public void Ring()
        {
            _world.Channel("group", ChannelKind.Group, "alice", "bob", "carol", "dave");
            _devices["alice"].Starts(_channel).Code.ShouldBeNull();
            _devices["dave"].Declines(_channel).Code.ShouldBeNull();
            _world.Channel("group", ChannelKind.Group, [.. Roles.Select(r => r.User)]);
        }

        public void Answer()
        {
            Ring();
            _devices["bob"].Joins(_channel).Code.ShouldBeNull();
        }

        /// <summary>In a direct channel the target is the other one of the two, whoever plays that part.</summary>
        public void RingDirect()
        {
            _channel = "direct";
            _world.Channel("direct", ChannelKind.Direct, "alice", "carol");
            _devices["alice"].Starts(_channel).Code.ShouldBeNull();
        }

        public void AnswerDirect()
        {
            _channel = "direct";
            _devices["alice"].Starts(_channel).Code.ShouldBeNull();
            _devices["bob"].Joins(_channel).Code.ShouldBeNull();
        }

        public void End()
        {
            Ring();
            _devices["alice"].Leaves(_channel)["status"].ShouldBe("ended");
        }

        /// <summary>Asks, and says in the words of the wire what came of it.</summary>
        public string Ask(string request, string user)
        {
            var asking = _devices[user];
            var offered = asking.Heard.OfType<MediaOfferEvent>().LastOrDefault();
            asking.Forgets();
            _witness.Forgets();
            var answer = asking.Asks(RequestOf(request, offered));
            if (answer.Code is { } code)
                return $"`{code.ToWire()}`";
            var heard = _witness.Heard.OfType<CallStateEvent>().Where(e => e.Version > 0 && IsJournaled(e));
            List<string> happened = [.. heard.Select(Say)];
            if (asking.Heard.OfType<MediaOfferEvent>().Any())
                happened.Add("`media_offer`");
            return happened.Count == 0 ? "OK" : string.Join(", ", happened);
        }

        private ChannelRequest RequestOf(string request, MediaOfferEvent? offered)
        {
            var channel = new ChannelId(_channel);
            return request switch
            {
                "call_start" => new CallStartRequest(channel, CallMedia.Audio),
                "call_join" => new CallJoinRequest(channel),
                "call_decline" => new CallDeclineRequest(channel),
                "call_dismiss" => new CallDismissRequest(channel),
                "call_leave" => new CallLeaveRequest(channel),
                "call_end" => new CallEndRequest(channel),
                "call_ring" => new CallRingRequest(channel, null),
                "voice_state" => new VoiceStateRequest(channel, new VoiceChange(Muted: true)),
                "media_answer" => new MediaAnswerRequest(
                    channel,
                    offered?.SessionId ?? new SessionId("none"),
                    1,
                    "sdp"
                ),
                _ => new MediaRestartRequest(channel),
            };
        }

        private static bool IsJournaled(CallStateEvent told) =>
            told switch
            {
                IncomingCall or CallAnsweredElsewhere or RingStopped or MissedCallEvent => false,
                // A change of the connection is told and not journaled; here only the switch is looked for.
                ParticipantUpdated updated => updated.VoiceState.Muted,
                _ => true,
            };

        private static string Say(CallStateEvent told)
        {
            var name = typeof(ServerEvent)
                .GetCustomAttributes<JsonDerivedTypeAttribute>()
                .Single(type => type.DerivedType == told.GetType())
                .TypeDiscriminator;
            return told is CallEndedEvent ended ? $"`{name}` (`{Snake(ended.Reason)}`)" : $"`{name}`";
        }

        private static string Snake(EndReason reason) => Encoding.UTF8.GetString(WireJson.WriteView(reason)).Trim('"');
    }
}
