using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>How one participant's voice has been over the last second: what <see cref="SpeakerRoster"/> goes by.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpeakerVoice
{
    private const double SmoothingMs = 1_000; // some words

    private TimeSpan _observedAt;
    private TimeSpan _heardAt;
    private bool _isOn;

    /// <summary>0 to 1.</summary>
    public double Loudness { get; private set; }

    /// <summary>Whether the voice is heard, or was just now.</summary>
    public readonly bool IsOnList(TimeSpan now) => _isOn && now - _heardAt <= SpeakerRoster.Linger;

    /// <summary>So loud is the speech now; 0 when there is none.</summary>
    public void Observe(double speech, TimeSpan now, bool isMuted)
    {
        if (isMuted)
        {
            _isOn = false;
            return;
        }
        if (speech > 0)
        {
            var isNew = !IsOnList(now);
            var passed = (now - _observedAt).TotalMilliseconds;
            Loudness = isNew ? speech : Loudness + ((speech - Loudness) * (1 - Math.Exp(-passed / SmoothingMs)));
            (_isOn, _heardAt) = (true, now);
        }
        _observedAt = now;
    }
}
