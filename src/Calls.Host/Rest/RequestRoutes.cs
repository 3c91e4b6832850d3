using Calls.Host.Contract;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>What a route says of itself that is another way to make a WebSocket's request.</summary>
internal static class RequestRoutes
{
    /// <summary>Names the device that takes the media.</summary>
    public const string DeviceHeader = "X-Device-Id";

    /// <summary>REST's way of giving a <c>command_id</c>.</summary>
    public const string CommandHeader = "Idempotency-Key";

    /// <summary>The field that stands in the path.</summary>
    public const string Channel = "channel_id";

    /// <summary>The field that stands in the header.</summary>
    public const string Command = "command_id";

    private const string DeviceText =
        "The device that takes the media; without it, that of the user's most recently authenticated connection.";

    private const string CommandText =
        "An id chosen by the client: with the same one a command takes effect once. The command_id of the WebSocket.";

    /// <param name="id">The route's own name.</param>
    /// <param name="type">The request that it makes.</param>
    /// <param name="status">What it answers when all is well.</param>
    public static RouteDescription Describe(string id, string type, int status)
    {
        var request = RequestDescription.All[type];
        var fields = request.Fields.Without(Channel, Command);
        return new RouteDescription(id, request.Summary, Answer(request.Result, status))
        {
            Body = fields.Fields.Count > 0 ? fields : null,
            Headers = [.. Headers(request.Fields)],
            Refusals = request.Refusals,
        };
    }

    /// <summary>REST answers with what stands under <c>call</c> on the WebSocket.</summary>
    private static RouteAnswer Answer(Type result, int status) =>
        result == typeof(CallResult) || result == typeof(CallOrNoneResult)
            ? new(status, typeof(CallView), OrNull: result == typeof(CallOrNoneResult))
            : new(status, result);

    private static IEnumerable<Field> Headers(FieldList fields)
    {
        yield return new Field(DeviceHeader, IdRule.Instance, Required: false, DeviceText);
        if (fields.Fields.Any(f => f.Name == Command))
            yield return new Field(CommandHeader, IdRule.Instance, Required: false, CommandText);
    }
}
