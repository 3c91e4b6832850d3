using System.Text.Json;
using Calls.Caller;
using Calls.Caller.Signalling;

namespace Calls.Cluster;

/// <summary>What tests say of callers and of calls.</summary>
internal static class CallerTalk
{
    /// <summary>The CALL of an answer.</summary>
    public static JsonElement Call(this JsonElement result) => result.GetProperty("call");

    public static string? Text(this JsonElement json, string field) => json.GetProperty(field).GetString();

    public static long Version(this JsonElement call) => call.GetProperty("version").GetInt64();

    public static string[] Users(this JsonElement call, string field) =>
        [.. call.GetProperty(field).EnumerateArray().Select(user => user.GetString()!)];

    /// <summary>The call as this caller is shown it now.</summary>
    public static async Task<JsonElement> Sees(this CallsCaller caller, string channel) =>
        (await caller.Get(channel)).Call();

    /// <summary>The code with which a request is refused; null if it is not.</summary>
    public static async Task<string?> RefusalOf(Task<JsonElement> request)
    {
        try
        {
            await request;
            return null;
        }
        catch (CallRefusedException refused)
        {
            return refused.Code;
        }
    }

    /// <summary>All that came so far and was not asked for. What the service sent before its answer to this is among it.</summary>
    public static async Task<IReadOnlyList<SignalledEvent>> HeardSoFar(this CallsCaller caller)
    {
        await caller.Request("ping", []);
        return caller.Unheard;
    }
}
