using System.Text.Json;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>What a command gave the first time, as the store keeps it: a repetition gets the same answer (S19).</summary>
/// <param name="Type">The request's type; with another one the same <c>command_id</c> is refused.</param>
/// <param name="Call">The call it was about.</param>
/// <param name="Result">The answer's result, as JSON.</param>
internal sealed record RememberedOutcome(string Type, CallId Call, JsonElement Result)
{
    public static byte[] Write(string type, CallId call, byte[] result)
    {
        using var json = JsonDocument.Parse(result);
        return WireJson.WriteView(new RememberedOutcome(type, call, json.RootElement));
    }

    public static RememberedOutcome Read(byte[] payload) =>
        JsonSerializer.Deserialize<RememberedOutcome>(payload, WireJson.Options)
        ?? throw new JsonException("An outcome is null.");

    public byte[] ResultBytes() => JsonSerializer.SerializeToUtf8Bytes(Result);
}
