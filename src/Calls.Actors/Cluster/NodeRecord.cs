namespace Calls.Actors.Cluster;

/// <summary>What a node says of itself, again with every heartbeat.</summary>
/// <param name="Node">Its id (<c>calls.node.id</c>).</param>
/// <param name="Incarnation">Drawn at its start, so that a restarted node is another.</param>
/// <param name="Beat">Counts the heartbeats: that it grows is the sign of life.</param>
/// <param name="Url">Where nodes and operators reach it (<c>calls.node.url</c>).</param>
/// <param name="StartedAt">When it was started, by its own clock.</param>
/// <param name="Calls">Live calls that it is the home of.</param>
/// <param name="Sessions">Media sessions that it forwards for.</param>
/// <param name="Connections">WebSockets that are signed in.</param>
/// <param name="IsDraining">It gives its calls and users to the others and takes no new ones.</param>
public sealed record NodeRecord(
    string Node,
    string Incarnation,
    long Beat,
    string Url,
    DateTimeOffset StartedAt,
    int Calls,
    int Sessions,
    int Connections,
    bool IsDraining = false
);
