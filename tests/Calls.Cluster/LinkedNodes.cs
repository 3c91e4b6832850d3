namespace Calls.Cluster;

/// <summary>Two on one Redis, each by a cable of its own.</summary>
public class LinkedNodes() : LiveNode(onRedis: true, count: 2), IAsyncLifetime
{
    private readonly Dictionary<int, CuttableLink> _links = [];

    /// <summary>The cable of one of the servers.</summary>
    public CuttableLink LinkOf(int at) => _links[at + 1];

    protected override IReadOnlyDictionary<string, string> SettingsOf(int number)
    {
        lock (_links)
        {
            _links[number] = new CuttableLink(Redis!.Port);
            return new Dictionary<string, string> { ["CALLS__REDIS__CONNECTION"] = $"127.0.0.1:{_links[number].Port}" };
        }
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        foreach (var link in _links.Values)
            await link.DisposeAsync();
    }
}

/// <summary>Nodes that find each other dead as usual.</summary>
public sealed class UnsureNodes : LinkedNodes;

/// <summary>Nodes that are patient with each other, so that a cable may be cut for longer than a machine under load needs for a few steps.</summary>
public sealed class PatientNodes : LinkedNodes
{
    protected override IReadOnlyDictionary<string, string> SettingsOf(int number) =>
        new Dictionary<string, string>(base.SettingsOf(number))
        {
            ["CALLS__CLUSTER__DEATH"] = "60s",
            ["CALLS__POLICY__RING_TIMEOUT"] = "90s",
        };
}
