using System.Net;
using Calls.Media.Ice;
using Calls.Media.Stun;

namespace Calls.Caller.Ice;

/// <summary>
/// The controlling side of ICE towards a lite server (RFC 8445): checks every candidate, nominates the first one that answers, then
/// keeps asking for consent (RFC 7675). Times go in, datagrams come out.
/// </summary>
internal sealed class IceAgent
{
    /// <summary>How often consent is asked for: half of what RFC 7675 §5.1 asks, as browsers do.</summary>
    public static readonly TimeSpan ConsentInterval = TimeSpan.FromSeconds(2.5);

    /// <summary>How long the server may stay silent before the path counts as lost (RFC 7675 §5.1).</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    // RFC 8445 §14.2: the pause between checks of different pairs; §14.3 sets the first repetition, here for paths of up to 100 ms.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstRepetition = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRepetition = TimeSpan.FromSeconds(1.6);

    // RFC 8445 §5.1.2.1: a peer-reflexive candidate of the first local preference, component 1.
    private const uint Priority = (110u << 24) | (65_535u << 8) | 255;

    private readonly IceCredentials _local;
    private readonly StunKey _remoteKey;
    private readonly string _username;
    private readonly ulong _tieBreaker;
    private readonly FillRandom _random;
    private readonly List<IcePair> _pairs;
    private IcePair? _nominating;
    private TimeSpan _consentAt;

    public IceAgent(
        IceCredentials local,
        string remoteUfrag,
        string remotePassword,
        IEnumerable<IPEndPoint> candidates,
        FillRandom random,
        TimeSpan now
    )
    {
        _local = local;
        _remoteKey = new StunKey(remotePassword);
        _username = $"{remoteUfrag}:{local.Ufrag}";
        _random = random;
        Span<byte> tieBreaker = stackalloc byte[sizeof(ulong)];
        random(tieBreaker);
        _tieBreaker = BitConverter.ToUInt64(tieBreaker);
        _pairs = [.. candidates.Select((candidate, n) => new IcePair(candidate) { NextAt = now + (n * Pace) })];
    }

    /// <summary>Where media goes, once the server has answered a nomination.</summary>
    public IPEndPoint? Selected { get; private set; }

    /// <summary>Whether the server has been silent for too long.</summary>
    public bool IsLost(TimeSpan now) => Selected is not null && now - _consentAt > ConsentTimeout;

    /// <summary>When <see cref="TryCheck"/> has something to send.</summary>
    public TimeSpan NextDeadline => Next.NextAt;

    // The pair whose turn comes first; from the nomination on only that one is checked. Asked for with every packet.
    private IcePair Next
    {
        get
        {
            if (_nominating is not null)
            {
                return _nominating;
            }

            var next = _pairs[0];
            for (var i = 1; i < _pairs.Count; i++)
            {
                next = _pairs[i].NextAt < next.NextAt ? _pairs[i] : next;
            }

            return next;
        }
    }

    /// <summary>Writes the next check that is due; call it until it says no.</summary>
    public bool TryCheck(TimeSpan now, Span<byte> buffer, out int length, out IPEndPoint? to)
    {
        var pair = Next;
        if (pair.NextAt > now)
        {
            (length, to) = (0, null);
            return false;
        }

        if (!pair.IsWaiting || pair.Attempts > 6)
        {
            Span<byte> transactionId = stackalloc byte[StunMessage.TransactionIdLength];
            _random(transactionId);
            pair.Begin(transactionId, nominates: pair == _nominating);
        }

        var check = new StunCheck(_username, Priority, IsControlling: true, _tieBreaker, pair.Nominates);
        length = StunWriter.WriteCheck(buffer, pair.TransactionId, check, _remoteKey);
        to = pair.Remote;
        var pause = FirstRepetition * Math.Pow(2, pair.Attempts);
        pair.NextAt = now + (pause < LongestRepetition ? pause : LongestRepetition);
        pair.Sent();
        return true;
    }

    /// <summary>Takes a STUN datagram; what is to be answered is written to the buffer.</summary>
    public int Handle(ReadOnlySpan<byte> datagram, IPEndPoint from, TimeSpan now, Span<byte> response)
    {
        if (!StunMessage.TryParse(datagram, out var message) || message.Method != StunMessage.BindingMethod)
        {
            return 0;
        }

        if (message.Class == StunClass.Request)
        {
            // A lite server asks nothing, yet a full agent answers (RFC 8445 §7.3).
            return message.VerifyIntegrity(_local.Key)
                ? StunWriter.WriteSuccess(response, message.TransactionId, from, _local.Key)
                : 0;
        }

        if (message.Class == StunClass.Success && message.VerifyIntegrity(_remoteKey))
        {
            OnSuccess(message, from, now);
        }

        return 0;
    }

    /// <summary>Asks again at once: the caller's own address has changed.</summary>
    public void Renew(TimeSpan now)
    {
        foreach (var pair in _pairs)
        {
            pair.Answered();
            pair.NextAt = now;
        }
    }

    private void OnSuccess(in StunMessage message, IPEndPoint from, TimeSpan now)
    {
        foreach (var pair in _pairs)
        {
            // An answer from elsewhere than the check went to is none (RFC 8445 §7.2.5.2.1).
            if (
                !pair.IsWaiting
                || !pair.TransactionId.SequenceEqual(message.TransactionId)
                || !pair.Remote.Equals(from)
            )
            {
                continue;
            }

            pair.Answered();
            if (pair.Nominates)
            {
                Selected = pair.Remote;
                _consentAt = now;
                pair.NextAt = now + ConsentInterval;
            }
            else
            {
                _nominating ??= pair;
                pair.NextAt = now;
            }

            return;
        }
    }
}
