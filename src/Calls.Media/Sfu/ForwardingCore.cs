using System.Buffers.Binary;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;

namespace Calls.Media.Sfu;

/// <summary>The data plane: datagrams and times go in, datagrams (in the <see cref="Outbox"/>) and events come out. No socket, no clock, one thread at a time, and nothing is allocated for a packet that is forwarded.</summary>
internal sealed class ForwardingCore(TimeSpan silence, DateTimeOffset startedAt, Outbox outbox, FillRandom random)
{
    private readonly Dictionary<PeerId, Peer> _peers = [];
    private readonly Dictionary<IceUfrag, Peer> _byUfrag = [];
    private readonly Dictionary<NetworkPath, Peer> _byAddress = [];
    private readonly PriorityQueue<Peer, TimeSpan> _deadlines = new();
    private readonly List<ForwardingEvent> _events = [];

    /// <summary>What has been done to packets so far.</summary>
    public ForwardingCounters Counters { get; } = new();

    /// <summary>When <see cref="Advance"/> has something to do, or null.</summary>
    public TimeSpan? NextDeadline => _deadlines.TryPeek(out _, out var deadline) ? deadline : null;

    /// <summary>Where a session's media goes; null as long as no check has come.</summary>
    public NetworkPath? AddressOf(PeerId id) => _peers.TryGetValue(id, out var peer) ? peer.Address : null;

    /// <summary>Whether a session has shown itself there.</summary>
    public bool Serves(NetworkPath path) => _byAddress.ContainsKey(path);

    /// <summary>What happened since the last <see cref="ClearEvents"/>.</summary>
    public IReadOnlyList<ForwardingEvent> Events => _events;

    public void ClearEvents() => _events.Clear();

    /// <summary>Takes one datagram; its bytes are decrypted in place. Nothing that comes from outside makes it throw.</summary>
    public void Handle(Span<byte> datagram, NetworkPath from, TimeSpan now)
    {
        if (datagram.Length > SrtpLimits.MaxPacketLength)
        {
            Counters.FromUnknown++;
            return;
        }
        var kind = Demultiplexer.Classify(datagram);
        if (kind == PacketKind.Stun)
        {
            HandleCheck(datagram, from, now);
            return;
        }
        if (kind == PacketKind.Unknown || !_byAddress.TryGetValue(from, out var peer))
        {
            Counters.FromUnknown++;
            return;
        }
        switch (kind)
        {
            case PacketKind.Rtp:
                HandleRtp(peer, datagram, from, now);
                break;
            case PacketKind.Rtcp:
                HandleRtcp(peer, datagram, from, now);
                break;
            default:
                HandleDtls(peer, datagram, from);
                break;
        }
    }

    /// <summary>A TCP connection has ended: what was sent there goes to the session's latest other path, if it has one.</summary>
    public void Lose(NetworkPath path)
    {
        if (_byAddress.Remove(path, out var peer))
        {
            peer.Lose(path);
        }
    }

    /// <summary>
    /// The thread stood still: somebody else may serve these sessions by now. Nothing of theirs is forwarded until they are
    /// released one by one; and that nothing was heard of them meanwhile is not their silence.
    /// </summary>
    public void Hold(TimeSpan now)
    {
        foreach (var peer in _peers.Values)
        {
            peer.IsHeld = true;
            peer.LastHeard = now;
        }
        _events.Add(new StoodStill());
    }

    /// <summary>Does what time asks for.</summary>
    public void Advance(TimeSpan now)
    {
        while (_deadlines.TryPeek(out var peer, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            if (peer.IsRemoved)
            {
                continue;
            }
            if (peer.IsToldConnected && now - peer.LastHeard >= silence)
            {
                TellSilent(peer);
            }
            peer.ExpireConsent(now);
            if (now >= peer.NextReport)
            {
                Report(peer, now);
            }
            _deadlines.Enqueue(peer, NextTick(peer, now));
        }
    }

    /// <summary>Takes a command of the control plane.</summary>
    public void Apply(ForwardingCommand command, TimeSpan now)
    {
        switch (command)
        {
            case AddPeer add:
                Add(add, now);
                break;
            case RemovePeer remove when _peers.Remove(remove.Id, out var peer):
                Remove(peer);
                break;
            case SetPeerVoice voice when _peers.TryGetValue(voice.Id, out var peer):
                SetVoice(peer, voice);
                break;
            case SetUplink uplink when _peers.TryGetValue(uplink.Id, out var peer):
                SetUplink(peer, uplink);
                break;
            case SetDownlink downlink when _peers.TryGetValue(downlink.Receiver, out var receiver):
                SetDownlink(receiver, downlink);
                break;
            case PauseDownlink downlink when _peers.TryGetValue(downlink.Receiver, out var receiver):
                receiver.Downlinks.Find(each => each.Mid == downlink.Mid)?.Detach();
                break;
            case RemoveDownlink downlink when _peers.TryGetValue(downlink.Receiver, out var receiver):
                RemoveDownlink(receiver, downlink.Mid);
                break;
            case ReleasePeer release when _peers.TryGetValue(release.Id, out var peer):
                peer.IsHeld = false;
                break;
            case SetKeys keys when _peers.TryGetValue(keys.Id, out var peer):
                peer.Keys = keys.Keys;
                Heard(peer, now);
                break;
        }
    }

    private void HandleCheck(Span<byte> datagram, NetworkPath from, TimeSpan now)
    {
        if (!IceLite.TryReadUfrag(datagram, out var ufrag) || !_byUfrag.TryGetValue(ufrag, out var peer))
        {
            return;
        }
        var result = IceLite.Answer(datagram, peer.Ice, from, outbox.Next, out var length);
        if (length > 0)
        {
            outbox.Commit(length, from);
        }
        if (result is not (IceCheckResult.Valid or IceCheckResult.Nominated))
        {
            return;
        }
        if (peer.Verified(from, result == IceCheckResult.Nominated) is { } forgotten)
        {
            ForgetAddress(peer, forgotten);
        }
        _byAddress[from] = peer;
        peer.HeardAt(from, now);
        Heard(peer, now);
    }

    private void HandleDtls(Peer peer, ReadOnlySpan<byte> datagram, NetworkPath from)
    {
        if (peer.Keys?.Alerts?.SaysGoodbye(datagram) == true)
        {
            peer.Keys = null;
            TellSilent(peer);
            return;
        }
        if (!peer.HasUsedKeys)
        {
            _events.Add(new DtlsArrived(peer.Id, from, datagram.ToArray()));
        }
    }

    private void HandleRtp(Peer peer, Span<byte> datagram, in NetworkPath from, TimeSpan now)
    {
        if (peer.Keys is not { } keys || !keys.Receiver.TryUnprotect(datagram, out var length))
        {
            Counters.Unauthentic++;
            return;
        }
        Authentic(peer, from, now);
        peer.Counters.Received++;
        Counters.Received++;
        if (!peer.Ceiling.TryPass(datagram.Length, now))
        {
            Counters.Excessive++;
            return;
        }
        if (peer.IsHeld)
        {
            Counters.Held++;
            return;
        }
        if (
            !RtpPacket.TryParse(datagram[..length], out var packet)
            || peer.UplinkOf(packet) is not { } uplink
            || !uplink.Accepts(packet, now, out var format)
        )
        {
            Counters.Unexpected++;
            return;
        }
        if (peer.Arrivals is { } arrivals && uplink.TryReadTransportSequence(packet, out var sequence))
        {
            if (arrivals.OnPacket(sequence, now))
            {
                PeerRtcp.TellArrivals(peer, arrivals, now, outbox);
            }
        }
        var level = -1;
        if (uplink.TryReadLevel(packet, out var loudness))
        {
            level = loudness.ToByte();
            Count(peer, uplink, loudness, now);
        }
        if (peer.IsMuted && uplink.IsVoice)
        {
            uplink.Missing.Reset();
            return;
        }
        var media = new MediaPacket
        {
            Format = format,
            Marker = packet.Marker,
            Level = level,
            Payload = packet.Payload,
        };
        Fan(uplink, packet, media, now);
        if (uplink.Missing.Count > 0)
        {
            Counters.Requested += PeerRtcp.AskForMissing(peer, uplink, now, outbox);
        }
    }

    private void Fan(Uplink uplink, in RtpPacket packet, in MediaPacket media, TimeSpan now)
    {
        var key = uplink.KeyOf(packet.Ssrc);
        var number = uplink.History?.Add(media) ?? 0;
        foreach (var downlink in uplink.Downlinks)
        {
            if (downlink.Forward(packet, media, key, number, now, outbox))
            {
                Counters.Forwarded++;
            }
        }
    }

    private static void Count(Peer peer, Uplink uplink, AudioLevel loudness, TimeSpan now)
    {
        ref var speech = ref uplink.Speech;
        if (peer.IsMuted)
        {
            speech.Hush();
        }
        else
        {
            speech.OnPacket(loudness, now);
        }
        peer.Counters.Amplitude = speech.Amplitude;
        peer.Counters.IsSpeech = speech.IsSpeech;
        peer.Counters.AmplitudeAt = now.Ticks;
    }

    private void HandleRtcp(Peer peer, Span<byte> datagram, in NetworkPath from, TimeSpan now)
    {
        if (peer.Keys is not { } keys || !keys.Receiver.TryUnprotectRtcp(datagram, out var length))
        {
            Counters.Unauthentic++;
            return;
        }
        Authentic(peer, from, now);
        if (!peer.Ceiling.TryPass(datagram.Length, now))
        {
            Counters.Excessive++;
            return;
        }
        peer.ReportInterval.OnCompound(datagram.Length, isOurs: false);
        Counters.Resent += PeerRtcp.Take(peer, datagram[..length], now, outbox);
    }

    private void Authentic(Peer peer, in NetworkPath from, TimeSpan now)
    {
        peer.HeardAt(from, now);
        if (!peer.HasUsedKeys)
        {
            peer.HasUsedKeys = true;
            _events.Add(new KeysInUse(peer.Id));
        }
        Heard(peer, now);
    }

    private void Heard(Peer peer, TimeSpan now)
    {
        peer.LastHeard = now;
        if (!peer.IsToldConnected && peer.Keys is not null)
        {
            peer.IsToldConnected = true;
            _events.Add(new PeerConnected(peer.Id, peer.SessionId));
        }
    }

    private void TellSilent(Peer peer)
    {
        if (peer.IsToldConnected)
        {
            peer.IsToldConnected = false;
            _events.Add(new PeerSilent(peer.Id, peer.SessionId));
        }
    }

    private void Add(AddPeer add, TimeSpan now)
    {
        var peer = new Peer(add) { LastHeard = now };
        peer.NextReport = now + NextInterval(peer);
        _peers.Add(peer.Id, peer);
        _byUfrag[IceUfrag.Of(peer.Ice)] = peer;
        _deadlines.Enqueue(peer, NextTick(peer, now));
    }

    private void Remove(Peer peer)
    {
        peer.IsRemoved = true;
        _byUfrag.Remove(IceUfrag.Of(peer.Ice));
        foreach (var address in peer.Addresses)
        {
            ForgetAddress(peer, address);
        }
        peer.Downlinks.ForEach(downlink => downlink.Detach());
        foreach (var downlink in peer.Uplinks.SelectMany(uplink => uplink.Downlinks).ToArray())
        {
            downlink.Detach();
        }
    }

    // Another session may have been verified at the same address since.
    private void ForgetAddress(Peer peer, NetworkPath address)
    {
        if (_byAddress.TryGetValue(address, out var holder) && holder == peer)
        {
            _byAddress.Remove(address);
            if (address.Connection != 0)
            {
                _events.Add(new ConnectionLeft(peer.Id, address.Connection));
            }
        }
    }

    private static void SetVoice(Peer peer, SetPeerVoice voice)
    {
        peer.IsMuted = voice.Muted;
        peer.IsDeafened = voice.Deafened;
        if (voice.Muted)
        {
            peer.Counters.IsSpeech = false;
            peer.Counters.Amplitude = 0;
            foreach (var uplink in peer.Uplinks.Where(uplink => uplink.IsVoice))
            {
                uplink.Downlinks.ForEach(downlink => downlink.Pause());
            }
        }
        if (voice.Deafened)
        {
            peer.Downlinks.ForEach(downlink => downlink.Pause());
        }
    }

    private static void SetUplink(Peer peer, SetUplink command)
    {
        peer.UplinkOf(command.Mid).Format = command.Format;
        var isNumbered = peer.Uplinks.Exists(uplink => uplink.Format is { TransportId: > 0 });
        peer.Arrivals = isNumbered ? peer.Arrivals ?? new ArrivalLog() : null;
    }

    private void SetDownlink(Peer receiver, SetDownlink command)
    {
        if (!_peers.TryGetValue(command.Source, out var source))
        {
            return;
        }
        var downlink = receiver.Downlinks.Find(downlink => downlink.Ssrc == command.Format.Ssrc);
        if (downlink is null)
        {
            RemoveDownlink(receiver, command.Format.Mid);
            downlink = new Downlink(receiver, command.Format, random);
            receiver.Downlinks.Add(downlink);
        }
        downlink.Format = command.Format;
        downlink.Attach(source, source.UplinkOf(command.SourceMid));
    }

    private void RemoveDownlink(Peer receiver, string mid)
    {
        if (receiver.Downlinks.Find(downlink => downlink.Mid == mid) is { } downlink)
        {
            receiver.Downlinks.Remove(downlink);
            downlink.Detach();
            PeerRtcp.SayBye(downlink, outbox);
        }
    }

    private void Report(Peer peer, TimeSpan now)
    {
        if (peer.CanBeReached)
        {
            if (peer.Arrivals is { HasNews: true } arrivals)
            {
                PeerRtcp.TellArrivals(peer, arrivals, now, outbox);
            }
            PeerRtcp.Report(peer, NtpTime.From(startedAt + now), now, outbox);
        }
        peer.NextReport = now + NextInterval(peer);
    }

    private TimeSpan NextInterval(Peer peer)
    {
        Span<byte> chance = stackalloc byte[2];
        random(chance);
        var share = BinaryPrimitives.ReadUInt16LittleEndian(chance) / (double)ushort.MaxValue;
        return peer.ReportInterval.Next(peer.Bandwidth, share);
    }

    private TimeSpan NextTick(Peer peer, TimeSpan now)
    {
        var silent = peer.LastHeard + silence;
        return peer.IsToldConnected && silent > now && silent < peer.NextReport ? silent : peer.NextReport;
    }
}
