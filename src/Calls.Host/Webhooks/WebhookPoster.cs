using System.Net;
using Calls.Actors.Persistence;

namespace Calls.Host.Webhooks;

/// <summary>What came of one attempt.</summary>
internal enum AttemptOutcome
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>It is to be tried again.</summary>
    Failed,

    /// <summary>The receiver wants nothing any more.</summary>
    Gone,
}

/// <param name="Outcome">What came of it.</param>
/// <param name="Words">Why, for the log.</param>
internal readonly record struct Attempt(AttemptOutcome Outcome, string Words);

/// <summary>Sends one message once.</summary>
internal sealed class WebhookPoster(HttpMessageHandler handler, TimeProvider time) : IDisposable
{
    /// <summary>What a receiver may take for its answer; it should queue what takes longer.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _http = new(handler);

    /// <summary>The connections that deliveries are made on.</summary>
    public static HttpMessageHandler NewHandler() =>
        new SocketsHttpHandler
        {
            // A redirect would send what is meant for one receiver to whoever answers at its address.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = Deadline,
            // What an answer says is not read; a little of it is drained, so that the connection can be used again.
            MaxResponseDrainSize = 64 * 1024,
            // So that a receiver that moves is found at its new address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };

    public async Task<Attempt> Post(WebhookReceiver receiver, WebhookMessage message, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            using var request = receiver.RequestOf(message, time.GetUtcNow());
            using var answer = await _http.SendAsync(request, either.Token);
            return Read(answer.StatusCode);
        }
        catch (OperationCanceledException)
        {
            return new Attempt(AttemptOutcome.Failed, $"no answer within {Deadline.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return new Attempt(AttemptOutcome.Failed, e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static Attempt Read(HttpStatusCode status)
    {
        var outcome = (int)status switch
        {
            >= 200 and < 300 => AttemptOutcome.Delivered,
            (int)HttpStatusCode.Gone => AttemptOutcome.Gone,
            _ => AttemptOutcome.Failed,
        };
        return new Attempt(outcome, $"status {(int)status}");
    }
}
