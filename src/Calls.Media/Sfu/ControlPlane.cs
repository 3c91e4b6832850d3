using System.Buffers.Binary;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sdp;

namespace Calls.Media.Sfu;

/// <summary>Rooms, sessions, lines, offers and answers: who is to hear whom, and what every client has been told. Pure but for the randomness handed in; what is to happen comes out as values. One thread at a time.</summary>
internal sealed class ControlPlane(SdpTransport transport, FillRandom random)
{
    private readonly Dictionary<string, ControlSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private List<ControlOutput> _outputs = [];
    private long _peers;

    /// <summary>What sessions are offered from here on; those before keep what they were offered.</summary>
    public SdpTransport Transport { get; set; } = transport;

    public int SessionCount => _sessions.Count;
    public int RoomCount => _rooms.Count;

    public ControlSession? Find(string sessionId) => _sessions.GetValueOrDefault(sessionId);

    /// <summary>All that are open.</summary>
    public IReadOnlyCollection<ControlSession> Sessions => _sessions.Values;

    /// <summary>How everybody in a room does; empty when there is no such room.</summary>
    public IReadOnlyDictionary<string, SessionStats> Stats(string roomId, TimeSpan now) =>
        _rooms.TryGetValue(roomId, out var room)
            ? room.Sessions.ToDictionary(session => session.UserId, session => session.ToStats(now))
            : [];

    /// <summary>Looks who speaks; what has changed is among the outputs.</summary>
    public void ObserveSpeakers(TimeSpan now)
    {
        foreach (var room in _rooms.Values)
        {
            if (room.Speakers.Observe(room.Sessions, now) is { } speakers)
            {
                _outputs.Add(new TellSpeakers(room.Id, speakers));
            }
        }
    }

    /// <summary>What came of the calls since the last time, in order.</summary>
    public IReadOnlyList<ControlOutput> TakeOutputs()
    {
        var taken = _outputs;
        _outputs = [];
        return taken;
    }

    /// <summary>The room's sessions are still served here.</summary>
    public void Release(string roomId)
    {
        if (!_rooms.TryGetValue(roomId, out var room))
        {
            return;
        }
        foreach (var session in room.Sessions)
        {
            Emit(new ReleasePeer(session.Peer));
        }
    }

    public void Open(string roomId, string sessionId, string userId, bool muted, bool deafened)
    {
        if (_sessions.TryGetValue(sessionId, out var known))
        {
            if (known.RoomId != roomId || known.UserId != userId)
            {
                throw new InvalidOperationException($"Session {sessionId} is another user's, or in another room.");
            }
            return; // opened twice is opened once
        }
        var session = new ControlSession(
            sessionId,
            roomId,
            userId,
            new PeerId(++_peers),
            IceCredentials.Create(random),
            Transport,
            RandomNumber() >> 2, // below 2^62, as RFC 9429 section 5.2.1 has it
            (uint)RandomNumber()
        )
        {
            IsMuted = muted,
        };
        if (!_rooms.TryGetValue(roomId, out var room))
        {
            _rooms.Add(roomId, room = new Room(roomId));
        }
        var earlier = room.Sessions.Find(other => other.UserId == userId);
        var others = room.Sessions.Where(other => other != earlier).ToList();
        if (earlier is not null)
        {
            room.Sessions.Remove(earlier);
            _sessions.Remove(earlier.Id);
        }
        room.Sessions.Add(session);
        _sessions.Add(sessionId, session);
        _outputs.Add(new AwaitHandshake(session.Peer));
        Emit(new AddPeer(session.Peer, session.Id, session.Ice, muted, deafened, session.Counters));
        foreach (var other in others)
        {
            session.AddSource(other.UserId);
            Introduce(session, other);
        }
        if (earlier is not null)
        {
            Remove(earlier);
        }
        Publish(session);
        others.ForEach(Publish);
    }

    public void Close(string sessionId)
    {
        if (!_sessions.Remove(sessionId, out var session))
        {
            return;
        }
        var room = _rooms[session.RoomId].Sessions;
        room.Remove(session);
        if (room.Count == 0)
        {
            _rooms.Remove(session.RoomId);
        }
        foreach (var other in room)
        {
            if (other.LineOf(session.UserId) is { } line)
            {
                line.Vacate();
                other.HasNews = true;
                Emit(new RemoveDownlink(other.Peer, line.Mid));
            }
        }
        Remove(session);
        room.ForEach(Publish);
    }

    public void SetVoice(string sessionId, bool muted, bool deafened)
    {
        if (_sessions.TryGetValue(sessionId, out var session))
        {
            session.IsMuted = muted;
            Emit(new SetPeerVoice(session.Peer, muted, deafened));
        }
    }

    public AnswerResult Answer(string sessionId, int revision, string sdp)
    {
        if (!_sessions.TryGetValue(sessionId, out var session))
        {
            return new AnswerResult(AnswerOutcome.Stale, "There is no such media session (any more).");
        }
        if (revision != session.Revision || !session.IsAwaitingAnswer)
        {
            return new AnswerResult(
                AnswerOutcome.Stale,
                revision > session.Revision || revision < 1
                    ? $"Revision {revision} was never offered."
                    : $"Revision {revision} is answered already."
            );
        }
        if (!SdpParser.TryParse(sdp, out var answer, out var error))
        {
            return new AnswerResult(AnswerOutcome.Invalid, $"Not an SDP answer: {error}.");
        }
        if (AnswerMatch.Check(session, answer!) is { } mismatch)
        {
            return new AnswerResult(AnswerOutcome.Invalid, $"Not an answer to that offer: {mismatch}.");
        }
        Accept(session, answer!);
        Publish(session);
        return new AnswerResult(AnswerOutcome.Accepted);
    }

    private void Accept(ControlSession session, SdpAnswer answer)
    {
        session.Answered();
        if (session.Fingerprint is null)
        {
            session.Fingerprint = answer.Fingerprint;
            _outputs.Add(new ExpectCertificate(session.Peer, answer.Fingerprint));
        }
        var uplink = AnswerMatch.Uplink(answer.Lines[0]);
        Emit(new SetUplink(session.Peer, uplink));
        for (var i = 1; i < answer.Lines.Count; i++)
        {
            Accept(session, session.Lines[i - 1], answer.Lines[i]);
        }
    }

    private void Accept(ControlSession session, Line line, SdpAnswerLine answer)
    {
        var before = line.Agreed;
        line.Answer(AnswerMatch.Downlink(line, answer));
        if (line.Agreed is { } format && format != before)
        {
            var source = _rooms[session.RoomId].Sessions.Find(other => other.UserId == line.UserId);
            Emit(new SetDownlink(session.Peer, source!.Peer, format));
        }
        else if (line.Agreed is null && before is not null)
        {
            Emit(new PauseDownlink(session.Peer, line.Mid));
        }
    }

    // A user who comes with a new session stands on the same lines as before, and the others' clients never learn of it.
    private void Introduce(ControlSession newcomer, ControlSession other)
    {
        if (other.LineOf(newcomer.UserId) is not { } line)
        {
            other.AddSource(newcomer.UserId);
        }
        else if (line.Agreed is { } format)
        {
            Emit(new SetDownlink(other.Peer, newcomer.Peer, format));
        }
    }

    private void Remove(ControlSession session)
    {
        Emit(new RemovePeer(session.Peer));
        _outputs.Add(new ForgetHandshake(session.Peer));
    }

    private void Publish(ControlSession session)
    {
        if (session.NextOffer() is { } offer)
        {
            _outputs.Add(
                new SendOffer(
                    new MediaOffer(
                        session.RoomId,
                        session.Id,
                        session.Revision,
                        SdpWriter.Write(offer),
                        session.Tracks()
                    )
                )
            );
        }
    }

    private void Emit(ForwardingCommand command) => _outputs.Add(new Forwarding(command));

    private ulong RandomNumber()
    {
        Span<byte> bytes = stackalloc byte[8];
        random(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
