namespace Calls.Protocol;

/// <summary>The codes of the contract's errors; on the wire in snake_case.</summary>
public enum ErrorCode
{
    Unauthenticated,
    TokenExpired,
    InvalidMessage,
    UnknownType,
    CallNotFound,
    CallAlreadyExists,
    InvalidTransition,
    CallFull,
    NoRecipients,
    Forbidden,
    RateLimited,
    UserUnavailable,
    MediaUnavailable,
    StaleMedia,
    InternalError,
}

/// <summary>What the contract says of each <see cref="ErrorCode"/>.</summary>
public static class ErrorCodes
{
    private static readonly string[] Names = [.. Enum.GetNames<ErrorCode>().Select(ToSnakeCase)];

    /// <summary>The code as it stands on the wire.</summary>
    public static string ToWire(this ErrorCode code) => Names[(int)code];

    /// <summary>The HTTP status that goes with it.</summary>
    public static int ToStatus(this ErrorCode code) =>
        code switch
        {
            ErrorCode.Unauthenticated or ErrorCode.TokenExpired => 401,
            ErrorCode.InvalidMessage or ErrorCode.UnknownType or ErrorCode.NoRecipients => 400,
            ErrorCode.CallNotFound => 404,
            ErrorCode.Forbidden => 403,
            ErrorCode.RateLimited => 429,
            ErrorCode.MediaUnavailable => 503,
            ErrorCode.InternalError => 500,
            _ => 409,
        };

    private static string ToSnakeCase(string name) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}

/// <summary>The refusals that more than one place gives, in the same words everywhere.</summary>
public static class Refusals
{
    /// <summary>No call, no channel and no member look alike from outside, to the letter (S8).</summary>
    public static readonly Refusal NotFound = new(
        ErrorCode.CallNotFound,
        "No such call, or you are not a member of this conversation."
    );

    public static readonly Refusal NotAllowedToCall = new(
        ErrorCode.Forbidden,
        "You may see calls in this conversation, but not start or join them."
    );

    public static readonly Refusal NotInCall = new(ErrorCode.InvalidTransition, "You are not in this call.");

    public static Refusal Invalid(string field, string rule) =>
        new(ErrorCode.InvalidMessage, $"Field '{field}' {rule}.");
}
