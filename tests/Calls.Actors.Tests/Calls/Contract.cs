using System.Text.Json;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire;
using Calls.TestKit.Contract;

namespace Calls.Actors.Tests.Calls;

/// <summary>Holds what actors say against the contract for machines.</summary>
internal static class Contract
{
    private static readonly SocketContract Served = new(JsonSerializer.SerializeToElement(AsyncApiDocument.Write([])));

    public static void Keeps(ServerEvent message)
    {
        using var json = JsonDocument.Parse(WireJson.Write(message));
        Served.FaultsOfEvent(json.RootElement).ShouldBeEmpty($"The contract is broken: {json.RootElement}");
    }

    /// <summary>As the gateway would send it.</summary>
    public static Answer Keeps(ChannelRequest request, Answer answer)
    {
        var type = RequestParser.NameOf(request);
        var (result, refusal) = (answer.Reply.Result, answer.Reply.Refusal);
        var wrapped =
            result is null || answer.Raw == "{}" ? "{}"u8.ToArray() : [.. "{\"call\":"u8, .. result, (byte)'}'];
        using var json = JsonDocument.Parse(
            refusal is null
                ? WireJson.WriteReply(default, wrapped)
                : WireJson.WriteError(
                    default,
                    refusal,
                    answer.Reply.Call,
                    (int?)answer.Reply.RetryAfter?.TotalMilliseconds
                )
        );
        Served.FaultsOfAnswer(type, json.RootElement).ShouldBeEmpty($"The contract is broken: {json.RootElement}");
        return answer;
    }
}
