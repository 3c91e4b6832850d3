using System.Security.Cryptography;
using Calls.Caller.Opus;
using Calls.Media.Ice;
using Calls.Media.Srtp;

namespace Calls.Caller;

/// <summary>How a caller behaves.</summary>
public sealed record CallerOptions
{
    /// <summary>The tone that it says from the start; null says nothing.</summary>
    public double? Tone { get; init; }

    /// <summary>The SRTP profiles that it offers, in its order.</summary>
    public IReadOnlyList<SrtpProfile> Profiles { get; init; } = SrtpProfile.Preferred;

    /// <summary>How its encoder is set.</summary>
    public OpusSettings Opus { get; init; } = new();

    /// <summary>Makes a listener for each WebSocket, for logs and checks of the contract.</summary>
    public Func<ISignallingTap>? Tap { get; init; }

    /// <summary>The clock that paces it.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where ids, SSRCs and credentials come from.</summary>
    public FillRandom Random { get; init; } = RandomNumberGenerator.Fill;

    /// <summary>How long it waits for what it expects, if nothing else is said.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
