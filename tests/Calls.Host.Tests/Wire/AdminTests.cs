namespace Calls.Host.Tests.Wire;

public sealed class AdminTests(WireHost host) : IClassFixture<WireHost>
{
    [Fact]
    public async Task Every_admin_route_wants_the_admin_scope()
    {
        var token = await host.Token("alice");
        foreach (
            var (method, path) in new[]
            {
                (HttpMethod.Put, "/api/admin/dm/x"),
                (HttpMethod.Patch, "/api/admin/dm/x/members"),
                (HttpMethod.Delete, "/api/admin/dm/x/members/alice"),
                (HttpMethod.Delete, "/api/admin/dm/x"),
                (HttpMethod.Get, "/api/admin/nodes"),
            }
        )
        {
            var refused = await host.Send(method, path, token, "{}");
            refused.Status.ShouldBe(403, path);
            refused.Code.ShouldBe("forbidden");
        }
    }

    [Fact]
    public async Task A_node_that_is_alone_lists_itself()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        var answer = await host.Admin(HttpMethod.Get, "/api/admin/nodes");
        answer.Status.ShouldBe(200);
        var node = answer.Body.GetProperty("nodes").EnumerateArray().Single();
        node.Text("url").ShouldNotBeNull().ShouldStartWith("http://");
        node.GetProperty("connections").GetInt32().ShouldBeGreaterThan(0);
        node.GetProperty("started_at").GetDateTimeOffset().ShouldBeLessThan(DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData("""{"members":[]}""", "kind")]
    [InlineData("""{"kind":"party","members":[]}""", "kind")]
    [InlineData("""{"kind":"group"}""", "members")]
    [InlineData("""{"kind":"group","members":{}}""", "members")]
    [InlineData("""{"kind":"group","members":[5]}""", "members[0]")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a b"}]}""", "members[0].user_id")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a","name":""}]}""", "members[0].name")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a","name":"\ud800"}]}""", "members[0].name")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a","permissions":["fly"]}]}""", "members[0].permissions")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a"},{"user_id":"a"}]}""", "members")]
    [InlineData("""{"kind":"group","members":[{"user_id":"a"}]}""", "members")]
    [InlineData("""{"kind":"direct","members":[{"user_id":"a"},{"user_id":"b"},{"user_id":"c"}]}""", "members")]
    [InlineData("""{"kind":"party","kind":"party"}""", "")]
    public async Task A_bad_channel_is_refused_with_the_fields_name(string body, string named)
    {
        var admin = await host.Token("the-backend", admin: true);
        var refused = await host.Send(HttpMethod.Put, $"/api/admin/dm/{host.Fresh("channel")}", admin, body);
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("invalid_message");
        refused.Error.ShouldContain(named);
    }

    [Fact]
    public async Task A_member_who_is_removed_is_out_of_the_live_call()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, carol);
        await using var client = await host.Connect(alice);
        await using var removed = await host.Connect(bob);
        await client.Call("call_start", channel);
        await removed.Call("call_join", channel);
        (await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}/members/{bob}")).Status.ShouldBe(200);
        (await client.Next("participant_left")).Text("cause").ShouldBe("removed");
        (await removed.Next("participant_left")).Text("cause").ShouldBe("removed");
        (await removed.Refused("call_get", $"\"channel_id\":\"{channel}\"")).ShouldBe("call_not_found");
    }

    [Fact]
    public async Task A_member_who_is_added_may_join_the_live_call()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, host.Fresh("dave"));
        await using var client = await host.Connect(alice);
        await using var late = await host.Connect(carol);
        await client.Call("call_start", channel);
        var add = new { add = new[] { new { user_id = carol, name = "Carol" } } };
        (await host.Admin(HttpMethod.Patch, $"/api/admin/dm/{channel}/members", add)).Status.ShouldBe(200);
        await late.Call("call_join", channel);
        (await client.Next("participant_joined")).Text("user_id").ShouldBe(carol);
    }

    [Fact]
    public async Task Deleting_the_channel_ends_its_call()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob);
        await using var client = await host.Connect(alice);
        await client.Call("call_start", channel);
        (await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}")).Status.ShouldBe(200);
        (await client.Next("call_ended")).Text("reason").ShouldBe("channel_deleted");
        (await client.Refused("call_get", $"\"channel_id\":\"{channel}\"")).ShouldBe("call_not_found");
        (await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Without_the_permission_to_call_a_member_sees_the_call_and_may_not_join()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, carol);
        var change = new { add = new[] { new { user_id = carol, permissions = new[] { "read" } } } };
        (await host.Admin(HttpMethod.Patch, $"/api/admin/dm/{channel}/members", change)).Status.ShouldBe(200);
        await (await Actor.Of(host, channel, alice)).Post("start");
        var reader = await Actor.Of(host, channel, carol);
        (await reader.Get()).Status.ShouldBe(200);
        (await reader.Post("join")).Code.ShouldBe("forbidden");
    }
}
