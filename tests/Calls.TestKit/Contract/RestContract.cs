using System.Globalization;
using System.Text.Json;

namespace Calls.TestKit.Contract;

/// <summary>One exchange over HTTP.</summary>
/// <param name="Method">As in the request line.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Sent">The request's body; null for none.</param>
/// <param name="Headers">The names of the request's headers that are the contract's own.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="ContentType">Of the answer.</param>
/// <param name="Body">The answer.</param>
public sealed record Exchange(
    string Method,
    string Target,
    string? Sent,
    IReadOnlyCollection<string> Headers,
    int Status,
    string? ContentType,
    JsonElement Body
);

/// <summary>The OpenAPI document, asked whether an exchange is as it says.</summary>
public sealed class RestContract
{
    private readonly SchemaCheck _closed;
    private readonly SchemaCheck _open;
    private readonly JsonElement _document;

    public RestContract(JsonElement document)
    {
        _document = document.Clone();
        _closed = new SchemaCheck(_document, closed: true);
        _open = new SchemaCheck(_document, closed: false);
    }

    /// <summary>What is wrong with an exchange.</summary>
    public IReadOnlyList<string> Faults(Exchange exchange)
    {
        var path = exchange.Target.Split('?')[0];
        if (Find(exchange.Method, path) is not { } operation)
            return exchange.Status is 404 or 405 ? [] : [$"{exchange.Method} {path} is not described"];
        var status = exchange.Status.ToString(CultureInfo.InvariantCulture);
        if (!operation.GetProperty("responses").TryGetProperty(status, out var response))
            return [$"{exchange.Method} {path} is not described to answer {status}"];
        if (exchange.ContentType != "application/json")
            return [$"the content type is {exchange.ContentType}"];
        var faults = _closed.Faults(SchemaOf(response), exchange.Body).ToList();
        if (exchange.Status < 400)
            faults.AddRange(FaultsOfRequest(operation, exchange).Select(f => $"accepted, though {f}"));
        return faults;
    }

    private IEnumerable<string> FaultsOfRequest(JsonElement operation, Exchange exchange)
    {
        foreach (var name in QueryOf(exchange.Target))
        {
            if (!HasParameter(operation, "query", name))
                yield return $"the query's {name} is not described";
        }
        foreach (var name in exchange.Headers.Where(h => !HasParameter(operation, "header", h)))
            yield return $"the header {name} is not described";
        if (string.IsNullOrEmpty(exchange.Sent) || !operation.TryGetProperty("requestBody", out var body))
            yield break;
        using var sent = JsonDocument.Parse(exchange.Sent);
        foreach (var fault in _open.Faults(SchemaOf(body), sent.RootElement))
            yield return $"the body: {fault}";
    }

    /// <summary>The operation of the path that fits, by the most literal of the paths.</summary>
    private JsonElement? Find(string method, string path)
    {
        var found = _document
            .GetProperty("paths")
            .EnumerateObject()
            .Where(p => Fits(p.Name, path))
            .OrderBy(p => p.Name.Count(c => c == '{'))
            .Select(p => p.Value)
            .FirstOrDefault();
        return
            found.ValueKind == JsonValueKind.Object
            && found.TryGetProperty(method.ToLowerInvariant(), out var operation)
            ? operation
            : null;
    }

    private static bool Fits(string template, string path)
    {
        var (parts, given) = (template.Split('/'), path.Split('/'));
        return parts.Length == given.Length
            && parts.Zip(given).All(p => p.First.StartsWith('{') || p.First == p.Second);
    }

    private static IEnumerable<string> QueryOf(string target) =>
        target.Split('?').Skip(1).SelectMany(query => query.Split('&')).Select(pair => pair.Split('=')[0]);

    private static bool HasParameter(JsonElement operation, string place, string name) =>
        operation.TryGetProperty("parameters", out var parameters)
        && parameters
            .EnumerateArray()
            .Any(p =>
                p.GetProperty("in").GetString() == place
                && string.Equals(p.GetProperty("name").GetString(), name, StringComparison.OrdinalIgnoreCase)
            );

    private static JsonElement SchemaOf(JsonElement content) =>
        content.GetProperty("content").GetProperty("application/json").GetProperty("schema");
}
