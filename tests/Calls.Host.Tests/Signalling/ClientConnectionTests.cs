using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

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

    [Fact]
    public void What_ready_says_already_is_not_said_again()
    {
        var ready = ReadyWith(version: 3);
        ClientConnection.IsNews(Declined(2), ready).ShouldBeFalse();
        ClientConnection.IsNews(Declined(3), ready).ShouldBeFalse();
        ClientConnection.IsNews(Ring(3), ready).ShouldBeFalse();
        ClientConnection.IsNews(Missed("c2"), ready).ShouldBeFalse();
    }

    [Fact]
    public void What_came_while_ready_was_made_is_said_after_it()
    {
        var ready = ReadyWith(version: 3);
        ClientConnection.IsNews(Declined(4), ready).ShouldBeTrue();
        ClientConnection.IsNews(Ring(3) with { Reminder = true }, ready).ShouldBeTrue();
        ClientConnection.IsNews(new RingStopped(Channel, Call, 3, RingStopReason.Blocked), ready).ShouldBeTrue();
        ClientConnection
            .IsNews(new CallAnsweredElsewhere(Channel, Call, 3, ElsewhereAction.Dismissed), ready)
            .ShouldBeTrue();
        ClientConnection.IsNews(Missed("c3"), ready).ShouldBeTrue();
    }

    private static readonly ChannelId Channel = new("dm");
    private static readonly CallId Call = new("c1");
    private static readonly UserId Alice = new("alice");
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static CallDeclinedEvent Declined(long version) => new(Channel, Call, version, Alice);

    private static IncomingCall Ring(long version) =>
        new(Channel, Call, version, Alice, "Alice", CallMedia.Audio, Noon, Noon, Silent: false);

    private static MissedCallEvent Missed(string call) =>
        new(Channel, new CallId(call), 5, Alice, "Alice", CallMedia.Audio, Noon);

    /// <summary>Shows call c1 at this version, and c2 as missed.</summary>
    private static Ready ReadyWith(long version)
    {
        var started = new CallStarted(
            Noon,
            Channel,
            ChannelKind.Group,
            Call,
            CallMedia.Audio,
            Alice,
            "Alice",
            [new UserId("bob")],
            Noon
        );
        var view = CallView.Of(CallState.Empty.Apply(started), Noon, _ => ConnectionState.Connecting);
        return new Ready
        {
            UserId = Alice,
            DeviceId = new DeviceId("d"),
            ServerTime = Noon,
            HeartbeatMs = 5000,
            IceServers = [],
            Calls = [view with { Version = version }],
            MissedCalls =
            [
                new MissedEntryView(new CallId("c2"), Channel, Alice, "Alice", CallMedia.Audio, Noon, false),
            ],
        };
    }

    private static async Task CutOff(ClientConnection connection)
    {
        var cut = new TaskCompletionSource();
        await using var _ = connection.Aborted.Register(cut.SetResult);
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
