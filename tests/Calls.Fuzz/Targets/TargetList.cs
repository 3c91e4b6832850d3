using Calls.Fuzz.Engine;

namespace Calls.Fuzz.Targets;

/// <summary>All that there is to be fuzzed.</summary>
internal static class TargetList
{
    /// <summary>By name, in the order in which a run without <c>--target</c> takes them.</summary>
    public static readonly IReadOnlyList<(string Name, Func<FuzzTarget> Make)> All =
    [
        ("stun", () => new StunTarget()),
        ("dtls-record", () => new DtlsRecordTarget()),
        ("dtls", () => new DtlsTarget()),
        ("srtp", () => new SrtpTarget(isRtcp: false)),
        ("srtcp", () => new SrtpTarget(isRtcp: true)),
        ("rtp", () => new RtpTarget()),
        ("rtcp", () => new RtcpTarget()),
        ("sdp", () => new SdpTarget()),
        ("framing", () => new FramingTarget()),
        ("sfu", () => new SfuTarget()),
        ("websocket", () => new WebSocketTarget()),
        ("request", () => new RequestTarget()),
        ("rest", () => new RestTarget()),
        ("token", () => new TokenTarget()),
    ];

    public static Func<FuzzTarget> Find(string name) => All.First(target => target.Name == name).Make;

    /// <summary>A run of a target over its own corpus.</summary>
    public static FuzzRun Run(string name, FuzzOptions options)
    {
        var factory = Find(name);
        using var target = factory();
        return new FuzzRun(name, factory, Corpus.Load(target.CorpusName), options);
    }
}
