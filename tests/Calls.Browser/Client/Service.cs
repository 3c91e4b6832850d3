using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser.Client;

/// <summary>The other side of the client's WebSocket, played by a test: it reads what the client says and answers as it likes.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly Channel<(IWebSocketRoute Socket, JsonObject Message)> inbox = Channel.CreateUnbounded<(
        IWebSocketRoute,
        JsonObject
    )>();
    private IWebSocketRoute? socket;

    private Service(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>How often the client has connected.</summary>
    public int Connections { get; private set; }

    /// <summary>A page with a client that has been told to connect: <c>client</c> in the page, its tokens are "t1", "t2" and so on.</summary>
    public static async Task<Service> WithClient(IBrowser browser)
    {
        var service = new Service(await Site.Open(browser));
        await service.Page.RouteWebSocketAsync("ws://localhost/ws", service.Accept);
        await service.Page.EvaluateAsync(
            """
            async () => {
              const { CallsClient } = await import('/calls/calls-client.js');
              let tokens = 1;
              window.notices = [];
              window.failures = 0;
              const getToken = async ({ renew }) => {
                if (failures > 0) throw new Error(`${(failures -= 1)} more failures`);
                return `t${renew ? (tokens += 1) : tokens}`;
              };
              window.client = new CallsClient({ getToken });
              client.getMicrophone = async () => new AudioContext().createMediaStreamDestination().stream;
              client.addEventListener('notice', ({ detail }) => notices.push(detail.code));
              client.connect();
            }
            """
        );
        return service;
    }

    /// <summary>The client's next message; pings are answered by the way and not told.</summary>
    public async Task<JsonObject> Hears(string type)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        while (true)
        {
            var (from, message) = await inbox.Reader.ReadAsync(deadline.Token);
            if (from != socket)
            {
                continue;
            }

            if (message["type"]!.GetValue<string>() == "ping" && type != "ping")
            {
                Says(
                    new JsonObject
                    {
                        ["type"] = "reply",
                        ["id"] = message["id"]!.DeepClone(),
                        ["result"] = new JsonObject(),
                    }
                );
                continue;
            }

            message["type"]!.GetValue<string>().ShouldBe(type, message.ToJsonString());
            return message;
        }
    }

    /// <summary>Lets the client in: waits for its sign-in and answers with the state as it is.</summary>
    public async Task<JsonObject> LetsIn(int heartbeatMs = 60_000, params JsonNode[] calls)
    {
        var request = await Hears("authenticate");
        Says(
            new JsonObject
            {
                ["type"] = "ready",
                ["id"] = request["id"]!.DeepClone(),
                ["user_id"] = "alice",
                ["device_id"] = request["device_id"]!.DeepClone(),
                ["server_time"] = "2026-01-01T12:00:00.000Z",
                ["heartbeat_ms"] = heartbeatMs,
                ["ice_servers"] = new JsonArray(),
                ["calls"] = new JsonArray(calls),
                ["missed_calls"] = new JsonArray(),
            }
        );
        return request;
    }

    /// <summary>Answers REST requests by their method and path, <c>GET /api/me/calls?missed=true</c>, until told otherwise.</summary>
    public Task AnswersRest(Func<string, IRequest, (int Status, JsonNode Body)> answer) =>
        Page.RouteAsync(
            "**/api/**",
            route =>
            {
                var path = new Uri(route.Request.Url).PathAndQuery;
                var (status, body) = answer($"{route.Request.Method} {path}", route.Request);
                return route.FulfillAsync(
                    new()
                    {
                        Status = status,
                        ContentType = "application/json",
                        Body = body.ToJsonString(),
                    }
                );
            }
        );

    public void Says(JsonObject message) => socket!.Send(message.ToJsonString());

    public void Answers(JsonObject request, JsonObject result) =>
        Says(
            new JsonObject
            {
                ["type"] = "reply",
                ["id"] = request["id"]!.DeepClone(),
                ["result"] = result,
            }
        );

    public void Refuses(JsonObject request, string code) =>
        Says(
            new JsonObject
            {
                ["type"] = "error",
                ["id"] = request["id"]!.DeepClone(),
                ["code"] = code,
                ["message"] = "No.",
            }
        );

    public Task Closes(int code) => socket!.CloseAsync(new() { Code = code });

    public async Task<JsonElement> InPage(string expression) => await Page.EvaluateAsync<JsonElement>(expression);

    /// <summary>Waits until an expression in the page gives true.</summary>
    public Task Sees(string expression) =>
        Eventually.Holds(async () => (await InPage(expression)).ValueKind == JsonValueKind.True, () => expression);

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    private void Accept(IWebSocketRoute accepted)
    {
        socket = accepted;
        Connections++;
        accepted.OnMessage(frame => inbox.Writer.TryWrite((accepted, JsonNode.Parse(frame.Text!)!.AsObject())));
    }
}
