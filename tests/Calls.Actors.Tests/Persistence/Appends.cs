using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>Appends as a home makes them.</summary>
internal static class Appends
{
    private static int _tags;

    public static string NewTag() => $"t{Interlocked.Increment(ref _tags)}";

    public static AppendRequest Opening(ChannelId channel, CallId call, int count = 1, string home = "node-1") =>
        new()
        {
            Channel = channel,
            Call = call,
            Home = home,
            ExpectedVersion = 0,
            Entries = [.. Enumerable.Range(1, count).Select(v => Entry(v))],
        };

    /// <summary>What <paramref name="open"/>'s home appends after <paramref name="last"/>.</summary>
    public static AppendRequest Next(OpenCall open, AppendRequest last, byte[][]? payloads = null) =>
        new()
        {
            Channel = open.Channel,
            Call = open.Call,
            Home = open.Home,
            Fence = open.Fence,
            ExpectedVersion = open.Version,
            PreviousTag = last.Entries[^1].Tag,
            Entries =
            [
                .. (
                    payloads
                    ??
                    [
                        [1],
                    ]
                ).Select((p, i) => Entry(open.Version + 1 + i) with { Payload = p }),
            ],
        };

    /// <summary>Entries in a form that compares by value.</summary>
    public static IEnumerable<string> Text(IEnumerable<JournalEntry> entries) =>
        entries.Select(e => $"{e.Version} {e.Tag} {Convert.ToHexString(e.Payload)}");

    private static JournalEntry Entry(long version) =>
        new(version, NewTag(), [.. "{\"v\":"u8, (byte)('0' + version), .. "}"u8]);
}
