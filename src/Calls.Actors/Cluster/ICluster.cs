using Calls.Actors.Calls;

namespace Calls.Actors.Cluster;

/// <summary>The other nodes, as the call actors see them.</summary>
public interface ICluster
{
    /// <summary>There are no others and never will be: every call's home is here.</summary>
    bool IsAlone { get; }

    /// <summary>Whether a node lives, as far as this one knows.</summary>
    bool IsAlive(string node);

    /// <summary>The node that a call is best run on: this one, unless it is to have no new ones or another has clearly less to do.</summary>
    string Place();

    /// <summary>Whether others may have taken this node for dead, or the store may have lost what it held, since somebody last asked.</summary>
    /// <param name="seen">What this told them then; zero at first.</param>
    bool IsInDoubt(ref long seen);

    /// <summary>Hands a message to the node that is its call's home. An answer comes back to the message's own reply; one that is lost on the way is its asker's deadline to notice.</summary>
    void Forward(string node, IChannelMessage message);
}

/// <summary>A node that is all there is.</summary>
public sealed class NoCluster : ICluster
{
    private NoCluster() { }

    public static NoCluster Instance { get; } = new();

    public bool IsAlone => true;

    public bool IsAlive(string node) => false;

    public string Place() => throw new InvalidOperationException("There is no other place.");

    public bool IsInDoubt(ref long seen) => false;

    public void Forward(string node, IChannelMessage message) =>
        throw new InvalidOperationException($"There is no node {node} to hand a message to.");
}
