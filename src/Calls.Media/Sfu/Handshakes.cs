using Calls.Media.Dtls;
using Calls.Media.Ice;

namespace Calls.Media.Sfu;

/// <summary>The DTLS handshakes of all sessions, kept apart from the forwarding because each costs half a millisecond. No socket, no clock, one thread at a time.</summary>
internal sealed class Handshakes(DtlsIdentity identity, int maxHandshakes, TimeSpan timeout) : IDisposable
{
    private readonly Dictionary<PeerId, Association> _associations = [];
    private readonly Dictionary<PeerId, DtlsFingerprint> _expected = [];
    private readonly List<HandshakeOutput> _outputs = [];
    private readonly Dictionary<PeerId, DtlsIdentity> _admitted = [];
    private DtlsIdentity _identity = identity;
    private int _running;

    /// <summary>When <see cref="Advance"/> has something to do, or null.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = null;
            foreach (var association in _associations.Values)
            {
                var deadline = association.Deadline;
                next = next is null || deadline < next ? deadline : next;
            }
            return next;
        }
    }

    /// <summary>How many are going on: each holds an <c>SSL</c> of 75 KB.</summary>
    public int Running => _running;

    /// <summary>Hellos that were dropped because too many handshakes were going on.</summary>
    public long TurnedAway { get; private set; }

    /// <summary>What came of it since the last time.</summary>
    public IReadOnlyList<HandshakeOutput> TakeOutputs()
    {
        HandshakeOutput[] taken = [.. _outputs];
        _outputs.Clear();
        return taken;
    }

    /// <summary>Sessions from here on are offered this certificate. Those before keep theirs; one that nobody has any more is freed with the garbage.</summary>
    public void Renew(DtlsIdentity identity) => _identity = identity;

    /// <summary>A session was offered the certificate of now, and may shake hands once.</summary>
    public void Admit(PeerId peer) => _admitted[peer] = _identity;

    /// <summary>Takes a client's datagram. The first one begins a handshake, unless too many are going on: the client will repeat it.</summary>
    public void Handle(PeerId peer, NetworkPath from, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (!_associations.TryGetValue(peer, out var association))
        {
            if (!DtlsRecords.IsHello(datagram) || !_admitted.TryGetValue(peer, out var its))
            {
                return;
            }
            if (_running >= maxHandshakes)
            {
                TurnedAway++;
                return;
            }
            _running++;
            association = new Association(new DtlsHandshake(its, DtlsRole.Server, now), now, now + timeout);
            _associations.Add(peer, association);
        }
        association.Address = from;
        association.Note(now);
        association.Dtls.Handle(datagram, now);
        Collect(peer, association);
    }

    /// <summary>The answer has said which certificate the client has. A handshake that was quicker has waited for this.</summary>
    public void Expect(PeerId peer, DtlsFingerprint fingerprint)
    {
        _expected[peer] = fingerprint;
        if (_associations.TryGetValue(peer, out var association))
        {
            Collect(peer, association);
        }
    }

    /// <summary>The client uses its keys and will not ask for the last flight again.</summary>
    public void Finished(PeerId peer)
    {
        Drop(peer);
        _admitted.Remove(peer); // what is still on its way begins nothing new
    }

    /// <summary>The session is over.</summary>
    public void Forget(PeerId peer)
    {
        Drop(peer);
        _admitted.Remove(peer);
        _expected.Remove(peer);
    }

    /// <summary>Repeats what was not answered and gives up what takes too long.</summary>
    public void Advance(TimeSpan now)
    {
        foreach (var (peer, association) in _associations.ToArray())
        {
            if (association.Dtls.Phase == DtlsPhase.Handshaking && now >= association.GiveUpAt)
            {
                Drop(peer);
                association.Note(now);
                Fail(peer, association, HandshakeFault.Timeout, "it took too long");
                continue;
            }
            association.Note(now);
            association.Dtls.Advance(now);
            Collect(peer, association);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var association in _associations.Values)
        {
            association.Dtls.Dispose();
        }
        _associations.Clear();
    }

    private void Collect(PeerId peer, Association association)
    {
        var dtls = association.Dtls;
        while (dtls.TryTake(out var datagram))
        {
            _outputs.Add(new SendDatagram(association.Address, datagram));
        }
        if (dtls.Phase == DtlsPhase.Failed)
        {
            Drop(peer);
            Fail(peer, association, HandshakeFault.Protocol, dtls.Failure ?? "unknown");
            return;
        }
        if (dtls.Phase != DtlsPhase.Done)
        {
            return;
        }
        if (!association.IsReleased)
        {
            association.IsReleased = true;
            dtls.Release();
            _running--;
        }
        if (association.HasHandedOver || !_expected.TryGetValue(peer, out var fingerprint))
        {
            return;
        }
        // RFC 8827 section 5.6.4: what the signalling said is the only proof of who this is.
        if (dtls.Secrets!.Peer != fingerprint)
        {
            Drop(peer);
            Fail(peer, association, HandshakeFault.Certificate, "the certificate is not the one of the answer");
            return;
        }
        association.HasHandedOver = true;
        _outputs.Add(new HandshakeDone(peer, PeerKeys.ForServer(dtls.Secrets), association.Took));
    }

    private void Fail(PeerId peer, Association association, HandshakeFault fault, string reason) =>
        _outputs.Add(new HandshakeFailed(peer, fault, reason, association.Took));

    private void Drop(PeerId peer)
    {
        if (_associations.Remove(peer, out var association))
        {
            _running -= association.IsReleased ? 0 : 1;
            association.Dtls.Dispose();
        }
    }

    private sealed class Association(DtlsHandshake dtls, TimeSpan startedAt, TimeSpan giveUpAt)
    {
        public DtlsHandshake Dtls { get; } = dtls;
        public TimeSpan GiveUpAt { get; } = giveUpAt;
        public NetworkPath Address { get; set; }
        public bool IsReleased { get; set; }

        /// <summary>From the client's first message to the last one that the handshake needed.</summary>
        public TimeSpan Took { get; private set; }
        public bool HasHandedOver { get; set; }

        public void Note(TimeSpan now)
        {
            if (Dtls.Phase == DtlsPhase.Handshaking)
            {
                Took = now - startedAt;
            }
        }

        /// <summary>Done ones wait for nothing but their client.</summary>
        public TimeSpan Deadline =>
            Dtls.Phase != DtlsPhase.Handshaking ? TimeSpan.MaxValue
            : Dtls.NextDeadline < GiveUpAt ? Dtls.NextDeadline.Value
            : GiveUpAt;
    }
}

/// <summary>What follows from a handshake's progress.</summary>
internal abstract record HandshakeOutput;

/// <summary>To the client.</summary>
internal sealed record SendDatagram(NetworkPath To, byte[] Datagram) : HandshakeOutput;

/// <summary>To the data plane.</summary>
internal sealed record HandshakeDone(PeerId Peer, PeerKeys Keys, TimeSpan Took) : HandshakeOutput;

/// <summary>To the operator; the client may begin anew.</summary>
internal sealed record HandshakeFailed(PeerId Peer, HandshakeFault Fault, string Reason, TimeSpan Took)
    : HandshakeOutput;

/// <summary>What kind of thing went wrong with a handshake.</summary>
internal enum HandshakeFault
{
    /// <summary>The client fell silent.</summary>
    Timeout,

    /// <summary>The two sides do not agree, by OpenSSL's judgement.</summary>
    Protocol,

    /// <summary>The client is not who the signalling said.</summary>
    Certificate,
}
