using System.Text.Json.Nodes;

namespace Calls.Host.Contract;

/// <summary>What routes are grouped by: whom they are for.</summary>
internal sealed record RouteTag(string Name, string Prefix, string Description)
{
    public JsonNode Write() => new JsonObject { ["name"] = Name, ["description"] = Description };
}

internal static class RouteTags
{
    private static readonly RouteTag Service = new("service", "/", "The service itself: health, and this contract.");

    /// <summary>All, by name.</summary>
    public static readonly IReadOnlyList<RouteTag> All =
    [
        new("admin", "/api/admin/", "For the chat app's backend: which channels there are, and who is in them."),
        new("calls", "/api/dm/", "The call of a channel."),
        new("development", "/dev/", "In Development only."),
        new("me", "/api/me/", "What is the asking user's own."),
        new("presence", "/api/dm-groups/", "Calls under the names of voice presence."),
        Service,
    ];

    /// <summary>The tag whose prefix says most of the path.</summary>
    public static RouteTag Of(string path) =>
        All.Where(tag => path.StartsWith(tag.Prefix, StringComparison.Ordinal)).MaxBy(tag => tag.Prefix.Length)!;
}
