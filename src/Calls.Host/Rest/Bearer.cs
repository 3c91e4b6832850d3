using Calls.Host.Auth;
using Calls.Host.Contract;
using Calls.Host.Signalling;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>Who is asking: the bearer token of a request (RFC 6750 §2.1).</summary>
internal static class Bearer
{
    private const string Scheme = "Bearer ";

    private static readonly Refusal Missing = new(
        ErrorCode.Unauthenticated,
        "The header 'Authorization: Bearer TOKEN' is missing."
    );

    private static readonly Refusal NotAdmin = new(
        ErrorCode.Forbidden,
        $"This needs a token whose scope contains {Identity.AdminScope}."
    );

    /// <summary>The header's token; null without one.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    /// <summary>Lets a route's requests through only with a good token, which <see cref="IdentityOf"/> then gives.</summary>
    public static TBuilder RequireUser<TBuilder>(this TBuilder routes, bool admin = false)
        where TBuilder : IEndpointConventionBuilder =>
        routes
            .WithMetadata(new WantsToken(admin))
            .AddEndpointFilter(
                async (invocation, next) =>
                {
                    var context = invocation.HttpContext;
                    if (TokenOf(context.Request) is not { } token)
                        return RestReply.Error(Missing);
                    var (identity, refusal) = context.RequestServices.GetRequiredService<Gateway>().Check(token);
                    if (identity is null)
                        return RestReply.Error(refusal!);
                    if (admin && !identity.IsAdmin)
                        return RestReply.Error(NotAdmin);
                    context.Items[typeof(Identity)] = identity;
                    return await next(invocation);
                }
            );

    public static Identity IdentityOf(HttpContext context) => (Identity)context.Items[typeof(Identity)]!;
}
