using System.Collections.Concurrent;
using System.Text.Json;

namespace Calls.TestKit.Contract;

/// <summary>The contract as a running server tells it.</summary>
public sealed record ServedContract(SocketContract Socket, RestContract Rest)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private static readonly ConcurrentDictionary<Uri, Task<ServedContract>> Known = new();

    /// <summary>Of the server there; fetched once.</summary>
    public static Task<ServedContract> Of(Uri server) => Known.GetOrAdd(server, Fetch);

    /// <summary>One of the two documents, as text.</summary>
    public static Task<string> Document(Uri server, string name) => Http.GetStringAsync(new Uri(server, name));

    private static async Task<ServedContract> Fetch(Uri server)
    {
        using var socket = JsonDocument.Parse(await Document(server, "/asyncapi.json"));
        using var rest = JsonDocument.Parse(await Document(server, "/openapi.json"));
        return new ServedContract(new SocketContract(socket.RootElement), new RestContract(rest.RootElement));
    }
}
