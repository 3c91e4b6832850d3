using System.Text.Json;
using Calls.Protocol;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>A page of a list that is newest first: <c>?before=CALL_ID&amp;limit=N</c>.</summary>
/// <param name="Before">Where the page begins: behind this call; null for the newest.</param>
/// <param name="Limit">Most calls in it.</param>
internal sealed record Paging(CallId? Before, int Limit)
{
    private const int DefaultLimit = 50;

    private static readonly IntegerRule LimitRule = new(min: 1, max: 100);

    /// <summary>What the query may hold, for the contract.</summary>
    public static readonly IReadOnlyList<Field> Query =
    [
        new("limit", LimitRule, Required: false, $"Most calls in the page, {DefaultLimit} if it is not said."),
        new("before", IdRule.Instance, Required: false, "Where the page begins: behind this call."),
    ];

    /// <summary>Reads the query, or says what is wrong with it.</summary>
    public static (Paging Paging, Refusal? Refusal) Read(HttpRequest request)
    {
        Refusal? refusal = null;
        var limit = DefaultLimit;
        if (request.Query.TryGetValue("limit", out var asked))
        {
            var number = int.TryParse(asked.ToString(), out var n) ? n : 0;
            LimitRule.TryRead(JsonSerializer.SerializeToElement(number), "limit", ref refusal, out limit);
        }
        var before = request.Query["before"];
        if (before.Count > 0 && !IdSyntax.IsValid(before.ToString()))
            refusal ??= Refusals.Invalid("before", $"must be {IdRule.Instance.Words}");
        return (new Paging(before.Count > 0 ? new CallId(before.ToString()) : null, limit), refusal);
    }

    /// <summary>Where the next page begins; null when this one was not full.</summary>
    public CallId? Next<T>(IReadOnlyList<T> page, Func<T, CallId> id) => page.Count == Limit ? id(page[^1]) : null;
}
