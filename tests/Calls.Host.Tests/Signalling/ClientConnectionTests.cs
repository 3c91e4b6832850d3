using Calls.Host.Signalling;

namespace Calls.Host.Tests.Signalling;

public class ClientConnectionTests
{
    private static readonly byte[] Frame = "{}"u8.ToArray();

    [Fact]
    public async Task One_message_more_than_may_wait_cuts_the_client_off()
    {
        using var connection = new ClientConnection("c", TimeProvider.System);
        for (var i = 0; i < ClientConnection.MaxQueued; i++)
            connection.Send(Frame);
        connection.Aborted.IsCancellationRequested.ShouldBeFalse();
        connection.Send(Frame);
        await CutOff(connection);
    }

    [Fact]
    public async Task More_bytes_than_may_wait_cut_the_client_off()
    {
        using var connection = new ClientConnection("c", TimeProvider.System);
        connection.Send(new byte[ClientConnection.MaxQueuedBytes]);
        connection.Aborted.IsCancellationRequested.ShouldBeFalse();
        connection.Send(Frame);
        await CutOff(connection);
    }

    [Fact]
    public void Sending_to_a_connection_that_is_over_harms_nobody()
    {
        var connection = new ClientConnection("c", TimeProvider.System);
        connection.Dispose();
        for (var i = 0; i <= ClientConnection.MaxQueued; i++)
            Should.NotThrow(() => connection.Send(Frame));
        Should.NotThrow(() => connection.Close(CloseCode.GoingAway));
    }

    private static async Task CutOff(ClientConnection connection)
    {
        var cut = new TaskCompletionSource();
        await using var _ = connection.Aborted.Register(cut.SetResult);
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
