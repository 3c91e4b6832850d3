using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Host.Tests.Wire;
using Calls.TestKit;
using Calls.TestKit.Contract;

namespace Calls.Host.Tests.Contract;

/// <summary>The two documents, as a server gives them.</summary>
public sealed class DocumentTests(WireHost host) : IClassFixture<WireHost>
{
    private static readonly string[] Methods = ["get", "put", "post", "patch", "delete"];

    [Theory]
    [InlineData("openapi")]
    [InlineData("asyncapi")]
    public async Task The_linters_find_nothing(string kind) =>
        (await Linters.Findings(kind, await Document(kind))).ShouldBeEmpty();

    [Theory]
    [InlineData("openapi", "/paths/~1healthz/get/responses/200/description")]
    [InlineData("openapi", "/components/schemas/Call/properties/target_users/items")]
    [InlineData("openapi", "/components/securitySchemes/token")]
    [InlineData("asyncapi", "/info/version")]
    [InlineData("asyncapi", "/operations/call_start/channel")]
    [InlineData("asyncapi", "/components/schemas/Call")]
    public async Task The_linters_would_find_what_is_missing(string kind, string place)
    {
        var document = JsonNode.Parse(await Document(kind))!;
        var parts = place.Split('/').Skip(1).Select(p => p.Replace("~1", "/")).ToArray();
        var parent = parts[..^1].Aggregate(document, (node, part) => node[part]!);
        parent.AsObject().Remove(parts[^1]).ShouldBeTrue();
        (await Linters.Findings(kind, document.ToJsonString())).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("/openapi.json")]
    [InlineData("/asyncapi.json")]
    public async Task No_token_is_needed(string path) =>
        (await host.Send(HttpMethod.Get, path, null)).Status.ShouldBe(200);

    [Fact]
    public async Task Every_route_says_what_it_does_and_gives()
    {
        var undescribed = (await Operations()).Where(o =>
            o.Value.GetProperty("responses").TryGetProperty("default", out _)
        );
        undescribed.Select(o => o.Name).ShouldBeEmpty("Give these routes a description (.Describe)");
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own() =>
        (await Operations()).Select(o => o.Value.GetProperty("operationId").GetString()).ShouldBeUnique();

    [Fact]
    public async Task Every_route_but_those_of_the_service_itself_wants_a_token()
    {
        var open = (await Operations()).Where(o => o.Value.GetProperty("security").GetArrayLength() == 0);
        open.Select(o => o.Name)
            .ShouldBe(
                ["get /asyncapi.json", "get /healthz", "get /openapi.json", "get /readyz", "post /dev/token"],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task Outside_Development_the_documents_are_served_and_know_no_dev_routes()
    {
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["CALLS__MEDIA__PORT"] = "0",
            ["CALLS__AUTH__KEYS__0"] = new string('k', 32),
        };
        await using var production = await HostProcess.Start(settings);
        using var rest = JsonDocument.Parse(await ServedContract.Document(production.Url, "/openapi.json"));
        var paths = rest.RootElement.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        paths.ShouldContain("/api/dm/{channel_id}/call/start");
        paths.ShouldNotContain(path => path.StartsWith("/dev"));
        using var socket = JsonDocument.Parse(await ServedContract.Document(production.Url, "/asyncapi.json"));
        socket.RootElement.GetProperty("asyncapi").GetString().ShouldBe("3.0.0");
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1007)]
    [InlineData(4401)]
    [InlineData(4429)]
    public async Task The_close_codes_are_told(int code)
    {
        using var document = JsonDocument.Parse(await Document("asyncapi"));
        var channel = document.RootElement.GetProperty("channels").GetProperty("calls");
        channel.GetProperty("description").GetString()!.ShouldContain($"- {code}: ");
    }

    private Task<string> Document(string kind) => ServedContract.Document(host.Url, $"/{kind}.json");

    private async Task<List<(string Name, JsonElement Value)>> Operations()
    {
        using var document = JsonDocument.Parse(await Document("openapi"));
        return
        [
            .. document
                .RootElement.Clone()
                .GetProperty("paths")
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject(), (path, o) => ($"{o.Name} {path.Name}", o))
                .Where(found => Methods.Contains(found.o.Name))
                .Select(found => (found.Item1, found.o.Value)),
        ];
    }
}
