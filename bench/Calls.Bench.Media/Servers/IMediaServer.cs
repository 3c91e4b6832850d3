using Calls.Bench.Media.Generator;

namespace Calls.Bench.Media.Servers;

/// <summary>A server under the generator's load: a process of its own on a core of its own.</summary>
internal interface IMediaServer : IAsyncDisposable
{
    int ProcessId { get; }

    /// <summary>Does for a room's members what comes before they join.</summary>
    Task Prepare(int room, IReadOnlyList<Participant> members);

    /// <summary>Has the next of a prepared room's members join; the offers are taken, media connects by itself.</summary>
    Task Join(Participant participant);
}
