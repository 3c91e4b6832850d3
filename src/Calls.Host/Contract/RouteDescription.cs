using Calls.Protocol;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Contract;

/// <summary>What a route answers when all is well.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The record that is written.</param>
/// <param name="OrNull">Whether null may stand in its place.</param>
internal sealed record RouteAnswer(int Status, Type Body, bool OrNull = false);

/// <summary>What the route itself does not say: it lies beside the handler as endpoint metadata.</summary>
/// <param name="Id">A name for generated clients.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Answers">What it gives.</param>
internal sealed record RouteDescription(string Id, string Summary, params IReadOnlyList<RouteAnswer> Answers)
{
    /// <summary>What is read of the body; null for a route that looks at none.</summary>
    public FieldList? Body { get; init; }

    public IReadOnlyList<Field> Query { get; init; } = [];

    public IReadOnlyList<Field> Headers { get; init; } = [];

    /// <summary>The codes with which it may refuse, besides those of who is asking and how.</summary>
    public IReadOnlyList<ErrorCode> Refusals { get; init; } = [];
}

/// <summary>The route wants a token.</summary>
internal sealed record WantsToken(bool Admin);

/// <summary>The route is no part of the REST contract.</summary>
internal sealed record NotRest(string Why);

internal static class RouteDescriptions
{
    public static TBuilder Describe<TBuilder>(this TBuilder route, RouteDescription description)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(description);
}
