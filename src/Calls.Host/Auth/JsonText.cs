using System.Text.Json;

namespace Calls.Host.Auth;

/// <summary>Strings out of JSON from outside.</summary>
internal static class JsonText
{
    /// <summary>The string of that name; null if there is none, it is another kind, or half a surrogate pair stands in it.</summary>
    public static string? Get(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? Get(value) : null;

    /// <summary>The string, or null.</summary>
    public static string? Get(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // "\ud800" is good JSON and no text.
            return null;
        }
    }
}
