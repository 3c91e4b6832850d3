using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Calls.TestKit;

/// <summary>
/// A chat app's backend as webhooks see it: an HTTP server that writes down what it is sent, and can be away. On bare
/// sockets, because one that is closed in mid-request must not answer, which HttpListener does.
/// </summary>
public sealed class WebhookInbox : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly Lock _lock = new();
    private readonly List<WebhookPost> _posts = [];
    private readonly List<Socket> _connections = [];
    private readonly int _port = Ports.FreeTcp();
    private Socket? _listener;

    /// <summary>Where it listens when it is open.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}/hooks");

    /// <summary>What signs for it.</summary>
    public static string Secret { get; } = "whsec_" + Convert.ToBase64String(Key);

    /// <summary>The status that it answers with; null: none, the request is left open.</summary>
    public Func<WebhookPost, int?> Answers { get; set; } = _ => 204;

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<WebhookPost> Posts
    {
        get
        {
            lock (_lock)
                return [.. _posts];
        }
    }

    /// <summary>The environment that makes it a node's receiver.</summary>
    public IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>
        {
            ["CALLS__WEBHOOKS__0__URL"] = Url.AbsoluteUri,
            ["CALLS__WEBHOOKS__0__SECRET"] = Secret,
        };

    /// <summary>From now on it listens.</summary>
    public void Open()
    {
        var listener = NewSocket();
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, _port));
        listener.Listen();
        _listener = listener;
        _ = Task.Run(() => Accept(listener));
    }

    /// <summary>From now on connections are refused, and those that are open break.</summary>
    public void Close()
    {
        _listener?.Dispose();
        _listener = null;
        lock (_lock)
        {
            foreach (var connection in _connections)
                connection.Dispose();
            _connections.Clear();
        }
    }

    public void Dispose() => Close();

    /// <summary>Whether the signature is the one that the Standard Webhooks specification asks for.</summary>
    public static bool IsSigned(WebhookPost post)
    {
        var signed = Encoding.UTF8.GetBytes($"{post.Id}.{post.Timestamp}.{post.Body}");
        return post.Signature == "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, signed));
    }

    private async Task Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                lock (_lock)
                    _connections.Add(connection);
                if (_listener != listener)
                    connection.Dispose(); // closed between the two
                _ = Task.Run(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    /// <summary>One request after the other, as long as the connection lasts.</summary>
    private async Task Serve(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection);
            while (await Read(stream) is { } post)
            {
                lock (_lock)
                    _posts.Add(post);
                if (Answers(post) is not { } status)
                    continue;
                var answer = $"HTTP/1.1 {status} Status\r\nLocation: {Url}\r\nContent-Length: 0\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // It was closed, or the sender was killed.
        }
    }

    private static async Task<WebhookPost?> Read(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return null;
            head.Append((char)one[0]);
        }
        var headers = head.ToString()
            .Split("\r\n")
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0].ToLowerInvariant(), parts => parts[1]);
        var body = new byte[int.Parse(headers["content-length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        return new WebhookPost(
            headers["webhook-id"],
            headers["webhook-timestamp"],
            headers["webhook-signature"],
            Encoding.UTF8.GetString(body)
        );
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}

/// <summary>One request as it came.</summary>
public sealed record WebhookPost(string Id, string Timestamp, string Signature, string Body)
{
    public string Type => Json.GetProperty("type").GetString()!;

    public string Call => Data.GetProperty("call_id").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    private JsonElement Json => JsonDocument.Parse(Body).RootElement;
}
