using System.Text.Json;
using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>A real browser in networks that are not as one would wish.</summary>
[Collection(BrowserTests.Name)]
public sealed class NetworkTests(Chromium chromium)
{
    /// <summary>The page never learns of the server's UDP candidates, as if a firewall dropped what is sent there.</summary>
    private const string WithoutUdp = """
        const take = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
          return take.call(this, { type, sdp: sdp.replace(/^a=candidate:\S+ 1 udp .*\r\n/gm, '') });
        };
        """;

    [Fact]
    public async Task One_without_UDP_speaks_and_hears_over_TCP()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice", script: WithoutUdp);
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();

        await alice.Hears(bob);
        await bob.Hears(alice);
        (await Way(alice)).ShouldStartWith("tcp ");
        (await Way(bob)).ShouldStartWith("udp ");
        alice.Complaints.ShouldBeEmpty();
    }

    /// <summary>By which protocol the browser reaches the server, and what kind of candidate its own side is.</summary>
    private static async Task<string> Way(Person person)
    {
        var way = await person.Evaluate(
            """
            (async () => {
              const reports = await window.calls.peerConnection.getStats();
              const transport = [...reports.values()].find(({ type }) => type === 'transport');
              const pair = reports.get(transport.selectedCandidatePairId);
              const local = reports.get(pair.localCandidateId);
              return `${reports.get(pair.remoteCandidateId).protocol} ${local.candidateType}`;
            })()
            """
        );
        return way.ValueKind == JsonValueKind.String ? way.GetString()! : way.ToString();
    }
}
