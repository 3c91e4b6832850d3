namespace Calls.Host;

/// <summary>What a browser may do with the page: load its own files, and talk to its own service.</summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'self'; connect-src 'self' ws: wss:; media-src 'self' blob: mediastream:; img-src 'self' data:; "
        + "style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UsePageHeaders(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var headers = context.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Permissions-Policy"] = "microphone=(self), camera=(self), display-capture=(self)";
                headers.CacheControl = "no-cache";
                return next(context);
            }
        );
}
