using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Calls.Actors.Persistence;
using Calls.Host.Settings;

namespace Calls.Host.Webhooks;

/// <summary>One configured URL.</summary>
internal sealed class WebhookReceiver(Webhook settings)
{
    private readonly byte[] _key = WebhookSignature.KeyOf(settings.Secret.Value);

    /// <summary>What the outbox calls it. Made of the URL alone: with a new secret it is the same receiver.</summary>
    public string Name { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Url.AbsoluteUri)).AsSpan(0, 8));

    /// <summary>The URL as logs and metrics show it: without its query, where some keep a token.</summary>
    public string Shown { get; } = settings.Url.GetLeftPart(UriPartial.Path);

    /// <summary>The request that tells it this message, signed at <paramref name="now"/>: an attempt has its own timestamp, so that an old one cannot be replayed.</summary>
    public HttpRequestMessage RequestOf(WebhookMessage message, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Url)
        {
            Content = new ByteArrayContent(message.Body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Calls", null));
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(_key, message.Id, timestamp, message.Body));
        return request;
    }
}
