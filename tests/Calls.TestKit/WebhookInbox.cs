using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Calls.TestKit;

/// <summary>A chat app's backend as webhooks see it: an HTTP server that writes down what it is sent, and can be away.</summary>
public sealed class WebhookInbox : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly Lock _lock = new();
    private readonly List<WebhookPost> _posts = [];
    private readonly Uri _root = new($"http://127.0.0.1:{Ports.FreeTcp()}/");
    private HttpListener? _listener;

    /// <summary>Where it listens when it is open.</summary>
    public Uri Url => new(_root, "hooks");

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
        var listener = new HttpListener();
        listener.Prefixes.Add(_root.AbsoluteUri);
        listener.Start();
        _listener = listener;
        _ = Task.Run(() => Serve(listener));
    }

    /// <summary>From now on connections are refused, and those that are open break.</summary>
    public void Close()
    {
        _listener?.Abort();
        _listener = null;
    }

    public void Dispose() => Close();

    /// <summary>Whether the signature is the one that the Standard Webhooks specification asks for.</summary>
    public static bool IsSigned(WebhookPost post)
    {
        var signed = Encoding.UTF8.GetBytes($"{post.Id}.{post.Timestamp}.{post.Body}");
        return post.Signature == "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, signed));
    }

    private async Task Serve(HttpListener listener)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                _ = Task.Run(() => Take(context));
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task Take(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var headers = context.Request.Headers;
            var post = new WebhookPost(
                headers["webhook-id"] ?? "",
                headers["webhook-timestamp"] ?? "",
                headers["webhook-signature"] ?? "",
                await reader.ReadToEndAsync()
            );
            lock (_lock)
                _posts.Add(post);
            if (Answers(post) is not { } status)
                return;
            context.Response.StatusCode = status;
            if (status is >= 300 and < 400)
                context.Response.RedirectLocation = new Uri(_root, "elsewhere").AbsoluteUri;
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // It was closed, or the sender was killed.
        }
    }
}

/// <summary>One request as it came.</summary>
public sealed record WebhookPost(string Id, string Timestamp, string Signature, string Body)
{
    public string Type => Json.GetProperty("type").GetString()!;

    public string Call => Data.GetProperty("call_id").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    private JsonElement Json => JsonDocument.Parse(Body).RootElement;
}
