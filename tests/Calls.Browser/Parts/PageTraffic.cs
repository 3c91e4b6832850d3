using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Calls.TestKit.Contract;
using Microsoft.Playwright;

namespace Calls.Browser.Parts;

/// <summary>All that pages and server say to each other in a test, held against the contract that the server serves.</summary>
public sealed class PageTraffic
{
    private readonly ServedContract contract;
    private readonly ConcurrentBag<SocketTraffic> sockets = [];
    private readonly ConcurrentBag<Task<Exchange?>> exchanges = [];

    private bool isListening;

    private PageTraffic(ServedContract contract) => this.contract = contract;

    /// <summary>By the contract of a server that runs.</summary>
    public static async Task<PageTraffic> Of(Uri server) => new(await ServedContract.Of(server));

    /// <summary>Listens to a page from now on.</summary>
    public void ListenTo(IPage page)
    {
        isListening = true;
        page.WebSocket += (_, socket) =>
        {
            var traffic = new SocketTraffic(contract.Socket);
            sockets.Add(traffic);
            socket.FrameSent += (_, frame) => traffic.Sent(Encoding.UTF8.GetBytes(frame.Text ?? ""));
            socket.FrameReceived += (_, frame) => traffic.Received(Encoding.UTF8.GetBytes(frame.Text ?? ""));
        };
        page.Response += (_, response) =>
        {
            if (IsRest(new Uri(response.Url)))
            {
                exchanges.Add(Read(response));
            }
        };
    }

    /// <summary>Fails if anything was not as the contract says, or if pages were listened to and nothing was heard.</summary>
    /// <param name="output">What the server has said: its last words explain a fault.</param>
    public async Task ShouldKeepTheContract(IReadOnlyList<string> output)
    {
        if (isListening)
        {
            sockets.ShouldNotBeEmpty();
        }

        var faults = sockets.SelectMany(socket => socket.TakeFaults()).ToList();
        foreach (var exchange in await Task.WhenAll(exchanges))
        {
            if (exchange is not null)
            {
                faults.AddRange(
                    contract
                        .Rest.Faults(exchange)
                        .Select(fault => $"{fault}: {exchange.Method} {exchange.Target}, answered {exchange.Body}")
                );
            }
        }

        faults.ShouldBeEmpty($"The contract is broken. The server said:\n{string.Join('\n', output.TakeLast(60))}");
    }

    private static bool IsRest(Uri url) =>
        url.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal) || url.AbsolutePath == "/dev/token";

    /// <summary>Null when the page was gone before the answer could be read.</summary>
    private static async Task<Exchange?> Read(IResponse response)
    {
        try
        {
            var body = await response.BodyAsync();
            string[] own = ["x-device-id", "idempotency-key"];
            return new Exchange(
                response.Request.Method,
                new Uri(response.Url).PathAndQuery,
                response.Request.PostData,
                [.. response.Request.Headers.Keys.Where(own.Contains)],
                response.Status,
                response.Headers.GetValueOrDefault("content-type")?.Split(';')[0],
                JsonElement.Parse(body.Length == 0 ? "null"u8 : body)
            );
        }
        catch (PlaywrightException)
        {
            return null;
        }
    }
}
