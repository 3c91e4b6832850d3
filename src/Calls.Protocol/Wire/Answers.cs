using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Calls.Protocol.Wire;

/// <summary>The one answer to a request.</summary>
/// <param name="Id">The request's, if it had one.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ReplyMessage), "reply")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
public abstract record AnswerMessage(
    [property: JsonPropertyOrder(-1)]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        RequestId? Id
);

[Description("The request was carried out.")]
public sealed record ReplyMessage(RequestId? Id, RawJson<object> Result) : AnswerMessage(Id);

[Description("The request, or something that was meant to be one, was refused; it has changed nothing.")]
public sealed record ErrorMessage(
    RequestId? Id,
    [property: Description("For programs.")] ErrorCode Code,
    [property: Description("For people; not to be relied on.")] string Message,
    [property: Description("With call_already_exists: the call that exists.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        RawJson<CallView>? Call,
    [property: Description("With rate_limited: how long to wait.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        int? RetryAfterMs
) : AnswerMessage(Id);

[Description("The request was refused, and has changed nothing.")]
public sealed record RestErrorView(
    [property: Description("For people; not to be relied on.")] string Error,
    [property: Description("For programs.")] ErrorCode Code,
    [property: Description("With call_already_exists: the call that exists.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        RawJson<CallView>? Call,
    [property: Description("With rate_limited: how long to wait.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        int? RetryAfterMs
);

[Description("Done; there is nothing to tell.")]
public sealed record NoResult;

[Description("The call as it is after the request.")]
public sealed record CallResult(CallView Call);

[Description("The call, or null without one.")]
public sealed record CallOrNoneResult(CallView? Call);
