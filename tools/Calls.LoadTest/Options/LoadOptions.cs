using Calls.Media.Srtp;

namespace Calls.LoadTest.Options;

/// <summary>What conversations do.</summary>
internal enum Pattern
{
    /// <summary>Everybody joins and stays until the end.</summary>
    Hold,

    /// <summary>Calls of some seconds, one after the other; in groups one leaves and comes back.</summary>
    Churn,

    /// <summary>Rings that nobody answers: the caller gives up, or all decline.</summary>
    RingOnly,

    /// <summary>Three in five conversations hold, one churns, one only rings.</summary>
    Mixed,
}

/// <summary>Who decodes the sound and looks for its tone; everybody counts, times and identifies each packet.</summary>
internal enum Listen
{
    /// <summary>One in each call.</summary>
    Sample,

    /// <summary>Everybody.</summary>
    All,
}

/// <summary>What must hold for the run to be a success; what is null is not asked.</summary>
internal sealed record LimitOptions
{
    /// <summary>Most packets that may be lost, as a share of all, 0 to 1.</summary>
    public double? MaxLoss { get; init; }

    /// <summary>Most that 99 of 100 packets may take from socket to socket.</summary>
    public TimeSpan? MaxP99Delay { get; init; }

    /// <summary>Most that 99 of 100 joins may take until media can flow.</summary>
    public TimeSpan? MaxJoin { get; init; }

    /// <summary>Most errors that may happen.</summary>
    public int? MaxErrors { get; init; }
}

/// <summary>One run, as it was asked for.</summary>
internal sealed record LoadOptions
{
    /// <summary>Conversations at a time.</summary>
    public int Calls { get; init; } = 20;

    /// <summary>The fewest members of a conversation.</summary>
    public int MinSize { get; init; } = 2;

    /// <summary>The most members of a conversation.</summary>
    public int MaxSize { get; init; } = 2;

    /// <summary>Calls that are started in a second, at most.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>How long the full load lasts, once all conversations have begun.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    public Pattern Pattern { get; init; } = Pattern.Hold;

    public Listen Listen { get; init; } = Listen.Sample;

    /// <summary>The nodes of the service; empty starts one of its own.</summary>
    public IReadOnlyList<Uri> Urls { get; init; } = [];

    /// <summary>The HS256 secret that tokens are signed with; null asks the service's <c>POST /dev/token</c>.</summary>
    public string? TokenKey { get; init; }

    /// <summary>The claim <c>iss</c> of tokens that are signed here.</summary>
    public string? Issuer { get; init; }

    /// <summary>The claim <c>aud</c> of tokens that are signed here.</summary>
    public string? Audience { get; init; }

    /// <summary>The one SRTP profile that callers offer; null offers all.</summary>
    public SrtpProfile? Profile { get; init; }

    /// <summary>The share of datagrams that callers lose on purpose, each way, 0 to 1.</summary>
    public double Lose { get; init; }

    /// <summary>Whether callers ask for lost packets again, and send again what they are asked for.</summary>
    public bool Retransmission { get; init; }

    /// <summary>What chance begins with: the same one plans the same calls.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where the report goes: this and <c>.json</c>, this and <c>.html</c>.</summary>
    public string Report { get; init; } = "artifacts/load/report";

    public LimitOptions Limits { get; init; } = new();
}
