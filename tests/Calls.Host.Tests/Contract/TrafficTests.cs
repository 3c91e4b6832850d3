using System.Text;
using System.Text.Json;
using Calls.Host.Tests.Wire;
using Calls.TestKit.Contract;

namespace Calls.Host.Tests.Contract;

/// <summary>The check of all traffic has teeth: what is not as the served documents say does not get by.</summary>
public sealed class TrafficTests(WireHost host) : IClassFixture<WireHost>
{
    private const string Declined =
        """{"type":"call_declined","channel_id":"c","call_id":"k","version":3,"user_id":"bob"}""";

    [Fact]
    public async Task A_message_as_it_should_be_is_let_through() => (await Faults(Declined)).ShouldBeEmpty();

    [Theory]
    [InlineData("\"version\":3", "\"version\":\"3\"", ".version")]
    [InlineData(",\"user_id\":\"bob\"", "", "user_id")]
    [InlineData("\"bob\"", "\"bob\",\"why\":\"busy\"", "why")]
    [InlineData("\"bob\"", "\"b ob\"", ".user_id")]
    [InlineData("\"bob\"", "null", ".user_id")]
    [InlineData("call_declined", "call_forgotten", "call_forgotten")]
    [InlineData("\"call_declined\"", "null", "no event")]
    public async Task An_event_that_is_wrong_is_found(string right, string wrong, string named) =>
        (await Faults(Declined.Replace(right, wrong))).ShouldHaveSingleItem().ShouldContain(named);

    [Theory]
    [InlineData("""{"type":"reply","id":1,"result":{}}""", "call_start", "call")]
    [InlineData("""{"type":"reply","id":1,"result":{"call":null}}""", "call_start", "call")]
    [InlineData("""{"type":"reply","id":2,"result":{}}""", "ping", "No request")]
    [InlineData("""{"type":"reply","id":"1","result":{}}""", "ping", "No request")]
    [InlineData("""{"type":"error","id":1,"code":"call_full","message":"x"}""", "ping", "call_full")]
    [InlineData("""{"type":"error","id":1,"code":"no_such_code","message":"x"}""", "call_join", "no_such_code")]
    [InlineData("""{"type":"error","id":1,"code":"call_full"}""", "call_join", "message")]
    public async Task An_answer_that_does_not_fit_its_request_is_found(string answer, string type, string named)
    {
        var request = $$"""{"type":"{{type}}","id":1,"channel_id":"c"}""";
        (await Faults(answer, request)).ShouldHaveSingleItem().ShouldContain(named);
    }

    [Fact]
    public async Task A_request_that_is_carried_out_though_it_breaks_the_contract_is_found()
    {
        var faults = await Faults("""{"type":"reply","id":1,"result":{}}""", """{"type":"media_restart","id":1}""");
        faults.ShouldHaveSingleItem().ShouldContain("accepted, though it lacks channel_id");
    }

    [Theory]
    [InlineData("GET", "/api/dm/c/call", null, 200, "null", null)]
    [InlineData("GET", "/api/dm/c/call", null, 200, "{}", "call_id")]
    [InlineData("GET", "/api/dm/c/call", null, 302, "null", "302")]
    [InlineData("GET", "/api/dm/c/nothing", null, 200, "null", "not described")]
    [InlineData("GET", "/api/dm/c/call?deep=true", null, 200, "null", "deep")]
    [InlineData("GET", "/api/dm/c/call", null, 404, """{"error":"x","code":"call_not_found"}""", null)]
    [InlineData("GET", "/api/dm/c/call", null, 404, """{"error":"x","code":"call_full"}""", "call_full")]
    [InlineData("GET", "/api/dm/c/call", null, 404, """{"error":"x","code":"call_not_found","hint":1}""", "hint")]
    [InlineData("PUT", "/api/admin/dm/c", """{"kind":"party","members":[]}""", 200, "{}", "kind")]
    public async Task A_REST_exchange_is_judged(
        string method,
        string target,
        string? sent,
        int status,
        string body,
        string? named
    )
    {
        var rest = (await ServedContract.Of(host.Url)).Rest;
        var answer = JsonElement.Parse(body);
        var faults = rest.Faults(new Exchange(method, target, sent, [], status, "application/json", answer));
        if (named is null)
            faults.ShouldBeEmpty();
        else
            string.Join('\n', faults).ShouldContain(named);
    }

    private async Task<IReadOnlyList<string>> Faults(string received, string? sent = null)
    {
        var traffic = new SocketTraffic((await ServedContract.Of(host.Url)).Socket);
        if (sent is not null)
            traffic.Sent(Encoding.UTF8.GetBytes(sent));
        traffic.Received(Encoding.UTF8.GetBytes(received));
        return traffic.TakeFaults();
    }
}
