using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Calls.Media.Srtp;

/// <summary>The replay windows of the SSRCs of one sender. Few of them, so they are searched in a row, beginning with the last one found.</summary>
internal sealed class SourceTable
{
    private Entry[] _entries = new Entry[2];
    private int _last;

    private struct Entry
    {
        public ReplayWindow Window;
        public uint Ssrc;
    }

    public int Count { get; private set; }

    public bool IsFull => Count == SrtpLimits.MaxSources;

    public ref ReplayWindow Find(uint ssrc, out bool known)
    {
        known = true;
        if (_last < Count && _entries[_last].Ssrc == ssrc)
        {
            return ref _entries[_last].Window;
        }

        for (var i = 0; i < Count; i++)
        {
            if (_entries[i].Ssrc == ssrc)
            {
                _last = i;
                return ref _entries[i].Window;
            }
        }

        known = false;
        return ref Unsafe.NullRef<ReplayWindow>();
    }

    public ref ReplayWindow Add(uint ssrc)
    {
        Debug.Assert(!IsFull, "The caller looks before it adds");
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count].Ssrc = ssrc;
        return ref _entries[Count++].Window;
    }
}
