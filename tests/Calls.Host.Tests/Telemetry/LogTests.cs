using System.Text.Json;
using System.Text.RegularExpressions;
using Calls.TestKit;

namespace Calls.Host.Tests.Telemetry;

/// <summary>What a server writes to its log at the level that it ships with.</summary>
[Collection(ObservedCollection.Name)]
public sealed partial class LogTests(ObservedServer server)
{
    private static readonly string[] OfAnSdp = ["v=0", "m=audio", "a=ice", "a=fingerprint", "a=candidate", "ice-pwd"];

    [Fact]
    public async Task The_id_of_an_internal_error_stands_in_the_log_beside_its_cause()
    {
        server.Failure.GetProperty("code").GetString().ShouldBe("internal_error");
        var id = IdIn(server.Failure, "error");
        await Eventually.Holds(
            () => Task.FromResult(Lines("ErrorId", id).Count() >= 2),
            () => $"the cause and the request's own line name {id}:\n{string.Join('\n', server.Log.TakeLast(10))}"
        );
        Lines("ErrorId", id).ShouldContain(line => HasCause(line));
        var own = Lines("ErrorId", id).Single(line => Text(line, "Request") == "call_leave");
        Text(own, "Outcome").ShouldBe("internal_error");
    }

    [Fact]
    public async Task A_sign_in_that_fails_names_its_id_too()
    {
        server.NotSignedIn.GetProperty("code").GetString().ShouldBe("internal_error");
        var id = IdIn(server.NotSignedIn, "message");
        await Eventually.Holds(
            () =>
                Task.FromResult(
                    Lines("ErrorId", id).Any(HasCause)
                        && Lines("ErrorId", id).Any(line => Text(line, "Request") == "authenticate")
                ),
            () => $"the cause and the sign-in's own line name {id}"
        );
    }

    [Fact]
    public async Task A_route_that_breaks_off_is_answered_with_an_id_too()
    {
        server.Fault.Status.ShouldBe(500);
        server.Fault.Body.GetProperty("code").GetString().ShouldBe("internal_error");
        var id = IdIn(server.Fault.Body, "error");
        await Eventually.Holds(
            () => Task.FromResult(Lines("ErrorId", id).Any(HasCause)),
            () => $"the cause stands beside {id}"
        );
    }

    [Fact]
    public void A_command_leaves_one_line_with_its_ids_its_outcome_and_its_time()
    {
        var line = Lines("CommandId", "talk-start").ShouldHaveSingleItem();
        Text(line, "Request").ShouldBe("call_start");
        Text(line, "User").ShouldBe("alice");
        Text(line, "Channel").ShouldBe("dm-alice-bob");
        Text(line, "Outcome").ShouldBe("ok");
        Text(line, "Transport").ShouldBe("websocket");
        Text(line, "Call")!.Length.ShouldBe(32);
        Text(line, "Device").ShouldNotBeNullOrEmpty();
        Text(line, "Connection").ShouldNotBeNullOrEmpty();
        Text(line, "TraceId")!.Length.ShouldBe(32);
        line.GetProperty("State").GetProperty("Milliseconds").GetDouble().ShouldBeGreaterThan(0);
        line.GetProperty("Timestamp").GetString().ShouldEndWith("Z");
    }

    [Fact]
    public void A_refused_command_says_why_and_of_which_call()
    {
        var declines = Lines("Request", "call_decline").ToArray();
        declines.Select(line => Text(line, "Outcome")).ShouldBe(["ok", "call_not_found"], ignoreOrder: true);
        declines.Select(line => Text(line, "Call")).Distinct().ShouldHaveSingleItem().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Changes_of_channels_and_sign_ins_are_commands_too()
    {
        Text(Lines("Request", "channel_put").ShouldHaveSingleItem(), "User").ShouldBe("operator");
        Lines("Request", "authenticate").Select(line => Text(line, "User")).ShouldContain("bob");
    }

    [Fact]
    public void No_token_and_no_SDP_is_in_the_log_of_a_whole_call()
    {
        var log = string.Join('\n', server.Log);
        Lines("Request", "media_answer").ShouldNotBeEmpty("the call had media");
        foreach (var part in server.Tokens.SelectMany(token => token.Split('.')[1..]))
            log.ShouldNotContain(part);
        foreach (var words in OfAnSdp)
            log.ShouldNotContain(words);
    }

    private IEnumerable<JsonElement> Lines(string field, string value) =>
        server.Entries.Where(entry => Text(entry, field) == value);

    private static string IdIn(JsonElement error, string field)
    {
        var id = ErrorId().Match(error.GetProperty(field).GetString()!).Groups["id"].Value;
        id.ShouldNotBeEmpty(error.ToString());
        return id;
    }

    private static string? Text(JsonElement entry, string field) =>
        entry.TryGetProperty("State", out var state) && state.TryGetProperty(field, out var value)
            ? value.ToString()
            : null;

    private static bool HasCause(JsonElement entry) =>
        entry.TryGetProperty("Exception", out var cause)
        && cause.GetString()!.Contains("StoreUnavailable", StringComparison.Ordinal);

    [GeneratedRegex(@"\(error (?<id>[0-9a-f]{8})\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ErrorId();
}
