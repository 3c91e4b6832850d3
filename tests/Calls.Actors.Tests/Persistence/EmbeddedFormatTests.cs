using System.Text;
using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What was written by other versions.</summary>
public sealed class EmbeddedFormatTests : IDisposable
{
    /// <summary>What the version before the histories wrote, as it stood on the disk.</summary>
    private const string BeforeHistories = """
        {"t":"channel","channel":{"id":"dm-1","kind":"Direct","members":[{"user_id":"alice","name":"Alice","permissions":"Read, Call","can_read":true,"can_call":true}]}}
        {"t":"channel","channel":{"id":"gone","kind":"Group","members":[]}}
        {"t":"channel_deleted","channel":"gone"}
        {"t":"append","channel":"dm-1","call":"call-1","entries":[{"version":1,"tag":"t1","payload":"AQ=="}],"open":{"channel":"dm-1","call":"call-1","home":"node-1","fence":{"epoch":1,"nonce":"3bc700e2cda7f517"},"version":1},"outcome":{"channel":"dm-1","user":"alice","command":"c1","payload":"Bw==","until":"2026-01-01T00:15:00+00:00"}}
        {"t":"append","channel":"dm-1","call":"call-1","entries":[{"version":2,"tag":"t2","payload":"Ag=="}],"until":"2026-01-02T00:00:00+00:00"}
        {"t":"append","channel":"dm-1","call":"call-2","entries":[{"version":1,"tag":"t3","payload":"Aw=="}],"open":{"channel":"dm-1","call":"call-2","home":"node-1","fence":{"epoch":1,"nonce":"37656d429958b0fb"},"version":1}}
        {"t":"open","open":{"channel":"dm-1","call":"call-2","home":"node-2","fence":{"epoch":2,"nonce":"0cf64f8d07ab54a7"},"version":1}}
        {"t":"outcome","channel":"dm-1","user":"alice","command":"c2","payload":"CA==","until":"2026-01-01T00:15:00+00:00"}
        {"t":"current","user":"alice","current":{"channel":"dm-1","call":"call-2","session":"s1","device":"phone"}}
        {"t":"current","user":"bob","current":{"channel":"dm-1","call":"call-2","session":"s2"}}
        {"t":"current","user":"bob"}
        {"t":"live","channel":"dm-1","users":["alice","bob"]}
        {"t":"live_removed","channel":"dm-1","users":["bob"]}
        {"t":"secret","name":"key","value":"AQID"}
        {"t":"probe"}
        """;

    private static readonly ChannelId Channel = new("dm-1");
    private static readonly UserId Alice = new("alice");
    private static readonly UserId Bob = new("bob");

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_from_before_the_histories_is_read_and_gone_on_with()
    {
        Write("journal-0000000001", BeforeHistories);
        await using (var store = Open())
        {
            store.Torn.ShouldBeNull();
            await ShouldHoldAll(store);
            await store.PutSettings(Alice, new CallSettings(Notifications.Quiet, [Bob]));
            var open = (await store.FindOpen(Channel))!;
            var closing = new AppendRequest
            {
                Channel = Channel,
                Call = open.Call,
                Home = "node-2",
                Fence = open.Fence,
                ExpectedVersion = 1,
                PreviousTag = "t3",
                Entries = [new JournalEntry(2, "t4", [4])],
                Closes = true,
                History = new HistoryEntry(open.Call, _time.GetUtcNow(), [5]),
            };
            (await store.Append(closing)).Outcome.ShouldBe(AppendOutcome.Ok);
        }

        await using var again = Open();

        (await again.GetSettings(Alice)).Notifications.ShouldBe(Notifications.Quiet);
        (await again.ListHistory(Channel, null, 10)).ShouldHaveSingleItem().Payload.ShouldBe([5]);
        (await again.ListUnsettled()).ShouldBe([new UnsettledCall(Channel, new CallId("call-2"))]);
        (await again.Read(Channel, new CallId("call-1"))).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_snapshot_from_before_the_histories_is_read()
    {
        Write("snapshot-0000000002", BeforeHistories + "\n{\"t\":\"end\"}");
        Write("journal-0000000002", """{"t":"probe"}""");

        await using var store = Open();

        await ShouldHoldAll(store);
    }

    [Fact]
    public void A_kind_of_record_that_this_version_does_not_know_refuses_to_start()
    {
        Write("journal-0000000001", """{"t":"from_the_future","channel":"dm-1"}""");

        Should.Throw<StoreStartException>(() => Open()).Message.ShouldContain("not understood");
    }

    private static async Task ShouldHoldAll(EmbeddedStore store)
    {
        var (first, second) = (new CallId("call-1"), new CallId("call-2"));
        (await store.GetChannel(Channel))!.Members.ShouldBe([
            new Member(Alice, "Alice", Permissions.Read | Permissions.Call),
        ]);
        (await store.GetChannel(new ChannelId("gone"))).ShouldBeNull();
        var open = new OpenCall(Channel, second, "node-2", new Fence(2, "0cf64f8d07ab54a7"), 1);
        (await store.ListOpen()).ShouldBe([open]);
        Appends.Text(await store.Read(Channel, first)).ShouldBe(["1 t1 01", "2 t2 02"]);
        Appends.Text(await store.Read(Channel, second)).ShouldBe(["1 t3 03"]);
        (await store.FindOutcome(Channel, Alice, new CommandId("c1"))).ShouldBe([7]);
        (await store.FindOutcome(Channel, Alice, new CommandId("c2"))).ShouldBe([8]);
        (await store.GetCurrentCall(Alice)).ShouldBe(
            new CurrentCall(Channel, second, new SessionId("s1"), new DeviceId("phone"))
        );
        (await store.GetCurrentCall(Bob)).ShouldBeNull();
        (await store.LiveChannels(Alice)).ShouldBe([Channel]);
        (await store.LiveChannels(Bob)).ShouldBeEmpty();
        (await store.GetOrAddSecret("key", [9])).ShouldBe([1, 2, 3]);

        (await store.ListHistory(Channel, null, 10)).ShouldBeEmpty();
        (await store.ListUnsettled()).ShouldBeEmpty("nobody waits for the end of a call of that time");
        (await store.GetSettings(Alice)).ShouldBe(CallSettings.Default);
    }

    private void Write(string file, string lines)
    {
        // A frame of one line and one of the others, as commits of one and of several changes.
        var all = lines.ReplaceLineEndings("\n").Split('\n');
        using var stream = File.Create(_folder.File(file));
        stream.Write(Frame.FileHeader());
        stream.Write(Framed(all[0]));
        if (all.Length > 1)
            stream.Write(Framed(string.Join('\n', all[1..])));
    }

    private static byte[] Framed(string payload)
    {
        byte[] frame = [.. new byte[Frame.HeaderSize], .. Encoding.UTF8.GetBytes(payload)];
        Frame.Seal(frame);
        return frame;
    }

    private EmbeddedStore Open() =>
        EmbeddedStore.Open(new EmbeddedOptions { Path = _folder.Path }, _time, new Random(1), NullLogger.Instance);
}
