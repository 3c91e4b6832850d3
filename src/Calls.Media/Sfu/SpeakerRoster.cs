namespace Calls.Media.Sfu;

/// <summary>
/// Who speaks in one room, as it is told to people: whoever pauses between words stays, and two of about the same loudness do not
/// change places all the time. Looks at counters that the forwarding thread writes; pure but for those.
/// </summary>
internal sealed class SpeakerRoster
{
    /// <summary>Between two lists that are told: at most five a second, as the protocol has it.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long somebody stays on the list who is not heard any more: longer than the pause between two words, shorter than that between two who take turns.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(400);

    private const double Louder = 1.41; // 3 dB: what ears notice

    private readonly List<ControlSession> _order = [];
    private string[] _told = [];
    private TimeSpan _toldAt = -Pause;

    /// <summary>Looks who speaks now; to be asked several times in each <see cref="Pause"/>.</summary>
    /// <returns>The list, loudest first, when it is another one than was told last; else null, and then nothing has been allocated.</returns>
    public IReadOnlyList<string>? Observe(List<ControlSession> room, TimeSpan now)
    {
        foreach (var session in room)
        {
            session.Voice.Observe(session.Counters.Speech(now), now, session.IsMuted);
            if (session.Voice.IsOnList(now) && !_order.Contains(session))
            {
                Insert(session);
            }
        }
        for (var i = _order.Count - 1; i >= 0; i--)
        {
            if (!room.Contains(_order[i]) || !_order[i].Voice.IsOnList(now))
            {
                _order.RemoveAt(i);
            }
        }
        Settle();
        if (now - _toldAt < Pause || IsTold())
        {
            return null;
        }
        _toldAt = now;
        return _told = [.. _order.Select(session => session.UserId)];
    }

    private void Insert(ControlSession session)
    {
        var place = 0;
        while (place < _order.Count && _order[place].Voice.Loudness >= session.Voice.Loudness)
        {
            place++;
        }
        _order.Insert(place, session);
    }

    // Those who are on the list change places only when one is clearly louder.
    private void Settle()
    {
        for (var i = 1; i < _order.Count; i++)
        {
            for (var j = i; j > 0 && _order[j].Voice.Loudness > Louder * _order[j - 1].Voice.Loudness; j--)
            {
                (_order[j], _order[j - 1]) = (_order[j - 1], _order[j]);
            }
        }
    }

    private bool IsTold()
    {
        if (_told.Length != _order.Count)
        {
            return false;
        }
        for (var i = 0; i < _told.Length; i++)
        {
            if (_told[i] != _order[i].UserId)
            {
                return false;
            }
        }
        return true;
    }
}
