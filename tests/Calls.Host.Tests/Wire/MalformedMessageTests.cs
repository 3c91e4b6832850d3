using System.Net.WebSockets;
using System.Text.Json;

namespace Calls.Host.Tests.Wire;

public sealed class MalformedMessageTests(WireHost host) : IClassFixture<WireHost>
{
    private const string Deep = "{\"type\":\"ping\",\"id\":7,\"x\":";

    /// <summary>What is sent, what the error's message must name, and whether the id 7 could be read.</summary>
    public static TheoryData<string, string, bool> Invalid() =>
        new()
        {
            { "nonsense", "JSON", false },
            { "", "JSON", false },
            { "{\"type\":\"ping\",\"id\":7", "JSON", false },
            { "{\"type\":\"ping\",\"id\":7} {}", "JSON", false },
            { "[]", "object", false },
            { "[{\"type\":\"ping\",\"id\":7}]", "object", false },
            { "\"ping\"", "object", false },
            { "null", "object", false },
            { "{}", "type", false },
            { "{\"type\":\"ping\",\"id\":7,\"\\ud800\":1}", "name", false },
            { "{\"type\":\"ping\",\"id\":7,\"t\\ud800\":1}", "name", false },
            { "{\"id\":7}", "type", true },
            { "{\"id\":7,\"type\":5}", "type", true },
            { "{\"id\":7,\"type\":null}", "type", true },
            { "{\"id\":7,\"type\":\"\\ud800\"}", "type", true },
            { "{\"type\":\"ping\",\"id\":{}}", "id", false },
            { "{\"type\":\"ping\",\"id\":true}", "id", false },
            { "{\"type\":\"ping\",\"id\":1.5}", "id", false },
            { "{\"type\":\"ping\",\"id\":1e99}", "id", false },
            { "{\"type\":\"ping\",\"id\":\"\"}", "id", false },
            { "{\"type\":\"ping\",\"id\":\"\\ud800\"}", "id", false },
            { "{\"type\":\"ping\",\"id\":\"" + new string('x', 65) + "\"}", "id", false },
            { "{\"type\":\"call_get\",\"id\":7}", "channel_id", true },
            { Get("null"), "channel_id", true },
            { Get("5"), "channel_id", true },
            { Get("\"\""), "channel_id", true },
            { Get("\"a b\""), "channel_id", true },
            { Get("\"é\""), "channel_id", true },
            { Get("\"" + new string('x', 65) + "\""), "channel_id", true },
            { Get("\"\\ud800\""), "channel_id", true },
            { Get("[\"x\"]"), "channel_id", true },
            { Of("call_start", "\"media\":\"smoke\""), "media", true },
            { Of("call_start", "\"media\":5"), "media", true },
            { Of("call_start", "\"media\":\"\\ud800\""), "media", true },
            { Of("call_start", "\"command_id\":\"a b\""), "command_id", true },
            { Of("call_start", "\"command_id\":5"), "command_id", true },
            { Of("call_ring", "\"user_ids\":\"bob\""), "user_ids", true },
            { Of("call_ring", "\"user_ids\":[]"), "user_ids", true },
            { Of("call_ring", "\"user_ids\":[5]"), "user_ids", true },
            { Of("call_ring", "\"user_ids\":[\"\\ud800\"]"), "user_ids", true },
            { Of("voice_state", "\"x\":1"), "muted", true },
            { Of("voice_state", "\"muted\":\"yes\""), "muted", true },
            { Of("voice_state", "\"muted\":true,\"screen\":1"), "screen", true },
            { Of("media_answer", "\"x\":1"), "session_id", true },
            { Of("media_answer", "\"session_id\":\"s\""), "revision", true },
            { Of("media_answer", "\"session_id\":\"s\",\"revision\":1"), "sdp", true },
            { Of("media_answer", "\"session_id\":\"s\",\"revision\":0,\"sdp\":\"v=0\""), "revision", true },
            { Of("media_answer", "\"session_id\":\"s\",\"revision\":1.5,\"sdp\":\"v=0\""), "revision", true },
            { Of("media_answer", "\"session_id\":\"s\",\"revision\":99999999999,\"sdp\":\"v=0\""), "revision", true },
            { Of("media_answer", "\"session_id\":\"s\",\"revision\":1,\"sdp\":\"\\ud800\""), "sdp", true },
            { Deep + new string('[', 1000) + new string(']', 1000) + "}", "64 levels", false },
            { new string('{', 1000), "JSON", false },
        };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_is_malformed_is_answered_with_what_is_wrong_and_the_connection_goes_on(
        string text,
        string named,
        bool withId
    )
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.Send(text);
        var error = await client.Next("error");
        error.Text("code").ShouldBe("invalid_message");
        error.Text("message")!.ShouldContain(named);
        if (withId)
            error.GetProperty("id").GetInt32().ShouldBe(7);
        else if (error.TryGetProperty("id", out var id))
            id.ValueKind.ShouldBe(JsonValueKind.Null);
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Theory]
    [InlineData("call_fly")]
    [InlineData("PING")]
    [InlineData("ready")]
    [InlineData("")]
    public async Task An_unknown_type_is_named_and_the_connection_goes_on(string type)
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.Send($$"""{"type":"{{type}}","id":"seven"}""");
        var error = await client.Next("error");
        error.Text("code").ShouldBe("unknown_type");
        error.Text("message")!.ShouldContain($"'{type}'");
        error.Text("id").ShouldBe("seven");
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Theory]
    [InlineData("\"x\":\"\\udc00\"")]
    [InlineData("\"x\":[1,{\"y\":null}]")]
    public async Task A_field_that_is_not_known_is_ignored_whatever_it_is(string field)
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.Send($$"""{"type":"ping","id":7,{{field}}}""");
        (await client.Next("reply")).GetProperty("id").GetInt32().ShouldBe(7);
        await client.Send($$"""{{{field}},"type":"ping","id":8}""");
        (await client.Next("reply")).GetProperty("id").GetInt32().ShouldBe(8);
    }

    [Fact]
    public async Task Twenty_malformed_messages_are_answered_and_the_next_one_closes()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        for (var i = 0; i < 20; i++)
            await client.Send(i % 2 == 0 ? "nonsense" : """{"type":"call_fly"}""");
        for (var i = 0; i < 20; i++)
            await client.Next("error");
        (await client.Ask("ping")).Type().ShouldBe("reply");
        await client.Send("nonsense");
        (await client.CloseCode).ShouldBe(4400);
    }

    [Fact]
    public async Task Refusals_that_are_well_formed_do_not_count_as_malformed()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        for (var i = 0; i < 30; i++)
            (await client.Refused("call_join", "\"channel_id\":\"nowhere\"")).ShouldBe("call_not_found");
        client.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_binary_frame_closes_with_1003()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.Send("{\"type\":\"ping\"}"u8.ToArray(), WebSocketMessageType.Binary);
        (await client.CloseCode).ShouldBe(1003);
    }

    [Fact]
    public async Task Text_that_is_no_UTF_8_closes_with_1007()
    {
        using var socket = await RawSocket.Open(host.Url, await host.Token(host.Fresh("alice")));
        (await socket.Read()).Opcode.ShouldBe(RawSocket.Text);
        await socket.Send(RawSocket.Text, [(byte)'"', 0xC3, 0x28, (byte)'"']);
        (await socket.ReadUntilClose()).Code.ShouldBe(1007);
    }

    [Fact]
    public async Task A_message_of_64_KiB_is_read()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.Send(Padded(64 * 1024));
        (await client.Next("reply")).GetProperty("id").GetInt32().ShouldBe(7);
    }

    [Theory]
    [InlineData(64 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public async Task A_larger_message_closes_with_1009(int length)
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        await client.SendUntilClosed(Padded(length));
        (await client.CloseCode).ShouldBe(1009);
    }

    [Fact]
    public async Task More_messages_than_the_bucket_holds_close_with_4429()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        // The bucket refills with 50 a second, so so many at once are too many however slow the machine is.
        for (var i = 0; i < 5000 && client.IsOpen; i++)
            await client.SendUntilClosed("""{"type":"ping","id":1}""");
        (await client.CloseCode).ShouldBe(4429);
    }

    private static string Padded(int length)
    {
        const string Start = "{\"type\":\"ping\",\"id\":7,\"pad\":\"";
        return Start + new string('x', length - Start.Length - 2) + "\"}";
    }

    private static string Get(string channel) => $$"""{"type":"call_get","id":7,"channel_id":{{channel}}}""";

    private static string Of(string type, string fields) =>
        $$"""{"type":"{{type}}","id":7,"channel_id":"nowhere",{{fields}}}""";
}
