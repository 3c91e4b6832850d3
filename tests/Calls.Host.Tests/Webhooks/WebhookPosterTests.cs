using System.Text;
using Calls.Actors.Persistence;
using Calls.Host.Settings;
using Calls.Host.Webhooks;
using Calls.Protocol;
using Calls.TestKit;

namespace Calls.Host.Tests.Webhooks;

/// <summary>One attempt over a real connection.</summary>
public sealed class WebhookPosterTests : IDisposable
{
    private readonly WebhookInbox _inbox = new();
    private readonly WebhookPoster _poster = new(WebhookPoster.NewHandler(), TimeProvider.System);

    public void Dispose()
    {
        _inbox.Dispose();
        _poster.Dispose();
    }

    [Fact]
    public async Task A_message_arrives_as_it_is_and_signed()
    {
        _inbox.Open();

        (await Post()).Outcome.ShouldBe(AttemptOutcome.Delivered);

        var post = _inbox.Posts.ShouldHaveSingleItem();
        post.Id.ShouldBe("msg_1");
        post.Body.ShouldBe("""{"name":"Zoë"}""");
        WebhookInbox.IsSigned(post).ShouldBeTrue();
    }

    [Theory]
    [InlineData(200, nameof(AttemptOutcome.Delivered))]
    [InlineData(202, nameof(AttemptOutcome.Delivered))]
    [InlineData(302, nameof(AttemptOutcome.Failed))]
    [InlineData(307, nameof(AttemptOutcome.Failed))]
    [InlineData(400, nameof(AttemptOutcome.Failed))]
    [InlineData(404, nameof(AttemptOutcome.Failed))]
    [InlineData(410, nameof(AttemptOutcome.Gone))]
    [InlineData(429, nameof(AttemptOutcome.Failed))]
    [InlineData(500, nameof(AttemptOutcome.Failed))]
    public async Task The_status_says_what_came_of_it_and_no_redirect_is_followed(int status, string outcome)
    {
        _inbox.Answers = _ => status;
        _inbox.Open();

        var attempt = await Post();

        attempt.Outcome.ToString().ShouldBe(outcome);
        attempt.Words.ShouldBe($"status {status}");
        _inbox.Posts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_listening_is_a_failure() => (await Post()).Outcome.ShouldBe(AttemptOutcome.Failed);

    [Fact]
    public async Task A_receiver_that_breaks_off_is_a_failure()
    {
        _inbox.Answers = _ =>
        {
            _inbox.Close();
            return null;
        };
        _inbox.Open();

        (await Post()).Outcome.ShouldBe(AttemptOutcome.Failed);
    }

    private Task<Attempt> Post()
    {
        var receiver = new WebhookReceiver(new Webhook(_inbox.Url, new(WebhookInbox.Secret)));
        var body = Encoding.UTF8.GetBytes("""{"name":"Zoë"}""");
        var message = new WebhookMessage(receiver.Name, "msg_1", new CallId("c"), DateTimeOffset.UnixEpoch, body);
        return _poster.Post(receiver, message, CancellationToken.None);
    }
}
