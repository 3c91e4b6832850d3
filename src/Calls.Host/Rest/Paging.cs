using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>A page of a list that is newest first: <c>?before=CALL_ID&amp;limit=N</c>.</summary>
/// <param name="Before">Where the page begins: behind this call; null for the newest.</param>
/// <param name="Limit">Most calls in it.</param>
internal sealed record Paging(CallId? Before, int Limit)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    /// <summary>Reads the query, or says what is wrong with it.</summary>
    public static (Paging Paging, Refusal? Refusal) Read(HttpRequest request)
    {
        var paging = new Paging(null, DefaultLimit);
        if (request.Query.TryGetValue("limit", out var limit))
        {
            if (!int.TryParse(limit.ToString(), out var number) || number is < 1 or > MaxLimit)
                return (paging, Refusals.Invalid("limit", $"must be an integer from 1 to {MaxLimit}"));
            paging = paging with { Limit = number };
        }
        if (request.Query.TryGetValue("before", out var before))
        {
            if (!IdSyntax.IsValid(before.ToString()))
                return (paging, Refusals.Invalid("before", $"must be an id of {IdSyntax.Rule}"));
            paging = paging with { Before = new CallId(before.ToString()) };
        }
        return (paging, null);
    }

    /// <summary>Where the next page begins; null when this one was not full.</summary>
    public CallId? Next<T>(IReadOnlyList<T> page, Func<T, CallId> id) => page.Count == Limit ? id(page[^1]) : null;
}
