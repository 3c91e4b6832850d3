namespace Calls.Caller;

/// <summary>Listens to all that goes over one WebSocket. It is called in the order of the messages and must not wait.</summary>
public interface ISignallingTap
{
    /// <summary>The caller sends a message; it has not left yet.</summary>
    void Sent(ReadOnlySpan<byte> message);

    /// <summary>The server has sent a message; it is not looked at yet.</summary>
    void Received(ReadOnlySpan<byte> message);
}
