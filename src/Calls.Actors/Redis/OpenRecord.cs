using System.Globalization;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Redis;

/// <summary>A live call in a shard's hash, <c>CALL HOME EPOCH NONCE VERSION TAG</c>: plain to the scripts and to an operator alike.</summary>
internal static class OpenRecord
{
    /// <summary>Null for an empty text, which is what the scripts give for none.</summary>
    public static OpenCall? Parse(ChannelId channel, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var parts = text.Split(' ');
        if (
            parts.Length != 6
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        )
            throw new StoreUnavailableException($"The record of the live call in {channel} is damaged: {text}");
        return new OpenCall(channel, new CallId(parts[0]), parts[1], new Fence(epoch, parts[3]), version);
    }
}
