namespace Calls.Media.Tcp;

/// <summary>Why a TCP connection was closed by the server, or ended.</summary>
internal enum TcpEnd
{
    /// <summary>The client closed it, or it broke off.</summary>
    Client,

    /// <summary>Its session is over, or has newer paths.</summary>
    Session,

    /// <summary>No valid check of a session came first, or none in time.</summary>
    Stranger,

    /// <summary>There were too many.</summary>
    Limit,

    /// <summary>What came was no frame.</summary>
    Malformed,
}

/// <summary>What became of TCP connections. Each figure may be written by two threads.</summary>
internal sealed class TcpCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<TcpEnd>().Length];

    public void Count(TcpEnd end) => Interlocked.Increment(ref _ended[(int)end]);

    public long this[TcpEnd end] => Interlocked.Read(ref _ended[(int)end]);
}
