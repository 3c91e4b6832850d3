using System.Text;
using Calls.Actors.Persistence;
using Calls.Host.Settings;
using Calls.Host.Webhooks;
using Calls.Protocol;

namespace Calls.Host.Tests.Webhooks;

public class WebhookSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void The_published_test_vector_comes_out() =>
        WebhookSignature
            .Of(
                WebhookSignature.KeyOf(Secret),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                """{"test": 2432232314}"""u8
            )
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public async Task A_request_carries_what_its_receiver_needs_to_check_it()
    {
        var receiver = new WebhookReceiver(new Webhook(new Uri("https://chat.example.org/hooks?a=b"), new(Secret)));
        var body = Encoding.UTF8.GetBytes("""{"type":"call_started","name":"Zoë"}""");
        var message = new WebhookMessage(receiver.Name, "msg_1", new CallId("c"), DateTimeOffset.UnixEpoch, body);

        using var request = receiver.RequestOf(message, DateTimeOffset.FromUnixTimeMilliseconds(1614265330_999));

        request.Method.ShouldBe(HttpMethod.Post);
        request.RequestUri.ShouldBe(new Uri("https://chat.example.org/hooks?a=b"));
        request.Content!.Headers.ContentType!.ToString().ShouldBe("application/json");
        (await request.Content.ReadAsByteArrayAsync()).ShouldBe(body);
        request.Headers.GetValues("webhook-id").ShouldBe(["msg_1"]);
        request.Headers.GetValues("webhook-timestamp").ShouldBe(["1614265330"]);
        request
            .Headers.GetValues("webhook-signature")
            .ShouldBe([WebhookSignature.Of(WebhookSignature.KeyOf(Secret), "msg_1", 1614265330, body)]);
    }

    [Fact]
    public void A_receiver_has_its_name_by_its_url_and_shows_no_query()
    {
        var one = new WebhookReceiver(new Webhook(new Uri("https://chat.example.org/hooks?token=t"), new(Secret)));
        var same = new WebhookReceiver(
            new Webhook(new Uri("https://chat.example.org/hooks?token=t"), new(Secret.Replace('M', 'N')))
        );
        var other = new WebhookReceiver(new Webhook(new Uri("https://chat.example.org/hooks?token=u"), new(Secret)));

        same.Name.ShouldBe(one.Name, "with a new secret it is still the same receiver");
        other.Name.ShouldNotBe(one.Name);
        one.Shown.ShouldBe("https://chat.example.org/hooks");
    }
}
