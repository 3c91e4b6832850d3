using System.Net;
using System.Security.Cryptography;
using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.Media.Ice;
using Calls.Media.Srtp;

namespace Calls.Caller;

/// <summary>Takes the samples that were heard, frame by frame, 48,000 a second; only during the call.</summary>
public delegate void SoundTaker(ReadOnlySpan<short> samples);

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

    /// <summary>With how many SSRCs it sends in turn: more than 1 are more than its answer agreed on.</summary>
    public int Ssrcs { get; init; } = 1;

    /// <summary>How much it makes up for at once after it stood still, at most; what is older is never said.</summary>
    public TimeSpan CatchUp { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it agrees to retransmission (RFC 4585 §6.2.1): asks for packets that are missing, and sends again what it is asked for.</summary>
    public bool Retransmission { get; init; }

    /// <summary>How many earlier frames each packet repeats, 0 to 2 (RFC 2198). More than none also agrees to be sent such packets.</summary>
    public int RedundantFrames { get; init; }

    /// <summary>
    /// How long each frame waits to be played, so that what comes late or again is heard in its place. Null plays everything as it comes, and
    /// what comes late not at all; enough to find tones, and without a timer for each frame. Counts where sound is listened to.
    /// </summary>
    public TimeSpan? PlayoutDelay { get; init; }

    /// <summary>Gives whoever takes the sound that is heard of a track, or null; on the loop's thread.</summary>
    public Func<OfferedTrack, SoundTaker?>? TakeSound { get; init; }

    /// <summary>Says where to send media to instead of the address that the service offers first: a relay that stands before it.</summary>
    public Func<IPEndPoint, IPEndPoint>? Route { get; init; }

    /// <summary>How long it pauses before it reads the next part of what the server says, pings included: more than zero is a slow socket.</summary>
    public TimeSpan ReadPause { get; init; }
}
