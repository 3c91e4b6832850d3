namespace Calls.Media.Tcp;

/// <summary>What bounds the memory and the work that TCP clients can cause.</summary>
internal static class TcpLimits
{
    /// <summary>Connections that have not shown a valid check yet: each holds 2.6 KB made beforehand. A client's check comes a round trip after it has connected.</summary>
    public const int MaxStrangers = 256;

    /// <summary>Of those from one address (of IPv6 one /64): offices that block UDP sit behind one address, and call a few at a time.</summary>
    public const int MaxStrangersPerAddress = 32;

    /// <summary>Connections of sessions, at 20 KB each 80 MB: more callers than a node forwards for.</summary>
    public const int MaxConnections = 4_096;

    /// <summary>Of those from one address: a large office's callers with a spare connection each.</summary>
    public const int MaxConnectionsPerAddress = 512;

    /// <summary>How long a stranger may take to show a valid check: five times what a bad mobile network needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Connections that may wait in the kernel to be accepted.</summary>
    public const int Backlog = 256;
}
