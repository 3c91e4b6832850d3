using System.Security.Cryptography;
using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.Media.Ice;
using Calls.Media.Srtp;

namespace Calls.Caller;

/// <summary>How a caller behaves.</summary>
public sealed record CallerOptions
{
    /// <summary>The tone that it says from the start, without a pause; null says nothing, or <see cref="Sound"/>.</summary>
    public double? Tone { get; init; }

    /// <summary>What it says from the start instead of a tone, over and over.</summary>
    public Recording? Sound { get; init; }

    /// <summary>How closely it listens.</summary>
    public Listening Listening { get; init; } = Listening.Sound;

    /// <summary>Whose tone is which, to tell right sound from wrong; null judges none.</summary>
    public Voices? Voices { get; init; }

    /// <summary>The thread that does its media; null is <see cref="CallerLoop.Shared"/>.</summary>
    public CallerLoop? Loop { get; init; }

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

    /// <summary>Most events that are kept for <see cref="CallsCaller.Hears"/>; beyond it the oldest goes. A caller in a busy group hears about 5 a second.</summary>
    public int KeptEvents { get; init; } = 5_000;

    /// <summary>The share of its outgoing datagrams that get lost, 0 to 1.</summary>
    public double OutgoingLoss { get; init; }

    /// <summary>The share of its incoming datagrams that get lost, 0 to 1.</summary>
    public double IncomingLoss { get; init; }

    /// <summary>How often it sends each frame, each time as a packet of its own: more than 1 floods.</summary>
    public int PacketsPerFrame { get; init; } = 1;

    /// <summary>How long it pauses before it reads the next part of what the server says, pings included: more than zero is a slow socket.</summary>
    public TimeSpan ReadPause { get; init; }
}
