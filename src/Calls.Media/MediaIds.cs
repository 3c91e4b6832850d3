using System.Buffers;

namespace Calls.Media;

/// <summary>Ids stand in SDP, so a character too many would be a line too many.</summary>
internal static class MediaIds
{
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"
    );

    /// <summary>Ids of 1 to 64 characters of <c>A-Z a-z 0-9 _ . : -</c>; another one is a bug of the caller.</summary>
    public static void Require(params ReadOnlySpan<string> ids)
    {
        foreach (var id in ids)
        {
            if (id.Length is 0 or > MaxLength || id.AsSpan().ContainsAnyExcept(Allowed))
            {
                throw new ArgumentException("Not an id of 1 to 64 characters of A-Z a-z 0-9 _ . : -");
            }
        }
    }
}
