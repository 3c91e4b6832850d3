using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

internal static class Claims
{
    /// <summary>Claims whatever call lives in the channel; null if none does.</summary>
    public static async Task<OpenCall?> Claim(this ICallStore store, ChannelId channel, string node) =>
        await store.FindOpen(channel) is { } seen ? await store.Claim(seen, node) : null;
}
