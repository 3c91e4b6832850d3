using System.ComponentModel;
using System.Reflection;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Contract;

/// <summary>All that a machine has to know of a request, from the parser's table and the request's own type.</summary>
/// <param name="Name">As it stands in <c>type</c>.</param>
/// <param name="Summary">What it is for.</param>
/// <param name="Fields">What is read of it.</param>
/// <param name="Result">What the reply holds, or an event that stands in for the reply.</param>
/// <param name="Refusals">What else it may be answered.</param>
public sealed record RequestDescription(
    string Name,
    string Summary,
    FieldList Fields,
    Type Result,
    IReadOnlyList<ErrorCode> Refusals
)
{
    private static readonly Dictionary<string, RequestDescription> Known = RequestParser
        .Types.Order(StringComparer.Ordinal)
        .ToDictionary(name => name, Describe, StringComparer.Ordinal);

    /// <summary>Every request that the parser reads, by its name.</summary>
    public static IReadOnlyDictionary<string, RequestDescription> All => Known;

    private static RequestDescription Describe(string name)
    {
        var type =
            Array.Find(
                typeof(Request).Assembly.GetTypes(),
                t => t.IsSubclassOf(typeof(Request)) && !t.IsAbstract && RequestParser.NameOf(t) == name
            ) ?? throw Missing(name, "a record that is named after it");
        var answers = type.GetCustomAttribute<AnsweredByAttribute>() ?? throw Missing(name, "[AnsweredBy]");
        var summary = type.GetCustomAttribute<DescriptionAttribute>() ?? throw Missing(name, "[Description]");
        return new(name, summary.Description, RequestParser.FieldsOf(name), answers.Result, answers.Refusals);
    }

    private static InvalidOperationException Missing(string request, string what) =>
        new($"The request {request} needs {what}.");
}
