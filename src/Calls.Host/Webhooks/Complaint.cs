namespace Calls.Host.Webhooks;

/// <summary>Something that may happen very often and is logged at most once a minute, with how often it happened since.</summary>
internal sealed class Complaint
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private TimeSpan? _last;
    private int _count;
    private string _words = "";

    public void Note(int count, string words)
    {
        _count += count;
        _words = words;
    }

    /// <summary>Whether it is to be logged now.</summary>
    public bool TryTake(TimeSpan now, out int count, out string words)
    {
        (count, words) = (_count, _words);
        if (_count == 0 || now - _last < Every)
            return false;
        (_last, _count) = (now, 0);
        return true;
    }
}
