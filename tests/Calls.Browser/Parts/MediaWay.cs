using System.Text.Json;

namespace Calls.Browser.Parts;

/// <summary>How a browser's media goes.</summary>
internal static class MediaWay
{
    /// <summary>By which protocol the browser reaches the server, what kind of candidate its own side is, and where the server is.</summary>
    public static async Task<string> Of(Person person)
    {
        var way = await person.Evaluate(
            """
            (async () => {
              const reports = await window.calls.peerConnection.getStats();
              const transport = [...reports.values()].find(({ type }) => type === 'transport');
              const pair = reports.get(transport.selectedCandidatePairId);
              const local = reports.get(pair.localCandidateId);
              const remote = reports.get(pair.remoteCandidateId);
              return `${remote.protocol} ${local.candidateType} to ${remote.address}`;
            })()
            """
        );
        return way.ValueKind == JsonValueKind.String ? way.GetString()! : way.ToString();
    }
}
