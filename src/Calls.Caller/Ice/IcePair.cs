using System.Net;
using Calls.Media.Stun;

namespace Calls.Caller.Ice;

/// <summary>One remote candidate and how far its check is.</summary>
internal sealed class IcePair(IPEndPoint remote)
{
    private readonly byte[] _transactionId = new byte[StunMessage.TransactionIdLength];

    public IPEndPoint Remote { get; } = remote;

    public bool IsWaiting { get; private set; }

    public bool Nominates { get; private set; }

    public int Attempts { get; private set; }

    public TimeSpan NextAt { get; set; }

    public ReadOnlySpan<byte> TransactionId => _transactionId;

    public void Begin(ReadOnlySpan<byte> transactionId, bool nominates)
    {
        transactionId.CopyTo(_transactionId);
        Nominates = nominates;
        IsWaiting = true;
        Attempts = 0;
    }

    public void Sent() => Attempts++;

    public void Answered() => IsWaiting = false;
}
