namespace Calls.Protocol.Contract;

/// <summary>What a request may be answered. Every request may also be ill-formed, come too early, or meet a failure.</summary>
/// <param name="result">The reply's result, or an event that stands in for the reply.</param>
/// <param name="refusals">The further codes.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class AnsweredByAttribute(Type result, params ErrorCode[] refusals) : Attribute
{
    private static readonly ErrorCode[] Always =
    [
        ErrorCode.InvalidMessage,
        ErrorCode.Unauthenticated,
        ErrorCode.InternalError,
    ];

    public Type Result => result;

    public IReadOnlyList<ErrorCode> Refusals => [.. Always, .. refusals];
}
