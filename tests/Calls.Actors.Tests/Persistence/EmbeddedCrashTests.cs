using System.Text;
using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What a crash may leave, and what the next start makes of it.</summary>
public sealed class EmbeddedCrashTests : IDisposable
{
    private static readonly ChannelId Channel = new("dm-1");
    private static readonly CallId Call = new("call-1");

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_is_there_again_after_a_restart()
    {
        var (alice, command) = (new UserId("alice"), new CommandId("c"));
        var opening = Appends.Opening(Channel, Call) with { Outcome = new CommandOutcome(alice, command, [7]) };
        var current = new CurrentCall(Channel, Call, new SessionId("s"), new DeviceId("phone"));
        OpenCall open;
        await using (var store = Open(_folder))
        {
            open = (await store.Append(opening)).Open!;
            await store.PutChannel(
                new Channel(Channel, ChannelKind.Group, [new Member(alice, "Alice", Permissions.Read)])
            );
            await store.SwapCurrentCall(alice, null, current);
            await store.AddLive(Channel, [alice]);
            await store.GetOrAddSecret("key", [1, 2, 3]);
        }

        await using var again = Open(_folder);

        again.Torn.ShouldBeNull();
        (await again.FindOpen(Channel)).ShouldBe(open);
        Appends.Text(await again.Read(Channel, Call)).ShouldBe(Appends.Text(opening.Entries));
        (await again.FindOutcome(Channel, alice, command)).ShouldBe([7]);
        (await again.GetChannel(Channel))!.Members.ShouldBe([new Member(alice, "Alice", Permissions.Read)]);
        (await again.GetCurrentCall(alice)).ShouldBe(current);
        (await again.LiveChannels(alice)).ShouldBe([Channel]);
        (await again.GetOrAddSecret("key", [9])).ShouldBe([1, 2, 3]);
        (await again.Append(Appends.Next(open, opening))).Outcome.ShouldBe(AppendOutcome.Ok, "the fence still holds");
    }

    [Fact]
    public async Task A_tail_torn_at_any_byte_is_cut_and_what_came_before_is_there()
    {
        var before = await WriteTwo();
        var whole = Segment(_folder).Length;

        for (var length = before; length < whole; length++)
        {
            using var image = _folder.Image();
            Truncate(Segment(image), length);
            await ShouldHoldOnlyTheFirst(image, torn: length - before);
        }
    }

    [Fact]
    public async Task A_tail_of_which_some_bytes_never_reached_the_disk_is_cut()
    {
        var before = await WriteTwo();
        var whole = Segment(_folder).Length;

        for (var at = before; at < whole; at++)
        {
            using var image = _folder.Image();
            Overwrite(Segment(image), at, [(byte)~File.ReadAllBytes(Segment(image).FullName)[at]]);
            await ShouldHoldOnlyTheFirst(image, torn: whole - before);
        }
    }

    [Fact]
    public async Task A_tail_of_zeros_is_cut()
    {
        var before = await WriteTwo();
        Truncate(Segment(_folder), before);
        Overwrite(Segment(_folder), before, new byte[5000]);

        await ShouldHoldOnlyTheFirst(_folder, torn: 5000);
    }

    [Fact]
    public async Task After_a_cut_it_goes_on_as_if_the_torn_commit_had_never_been()
    {
        var before = await WriteTwo();
        Truncate(Segment(_folder), before + 5);
        await using (var store = Open(_folder))
            await store.PutChannel(Group("third"));

        await using var again = Open(_folder);

        again.Torn.ShouldBeNull();
        (await again.GetChannel(new ChannelId("first"))).ShouldNotBeNull();
        (await again.GetChannel(new ChannelId("second"))).ShouldBeNull();
        (await again.GetChannel(new ChannelId("third"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_header_torn_at_any_byte_is_a_folder_that_was_never_used()
    {
        for (var length = 0; length < Frame.FileHeaderSize; length++)
        {
            using var folder = new TemporaryFolder();
            File.WriteAllBytes(folder.File("journal-0000000001"), Frame.FileHeader()[..length]);
            await using (var store = Open(folder))
                await store.PutChannel(Group("first"));
            await using var again = Open(folder);
            (await again.GetChannel(new ChannelId("first"))).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Damage_with_sound_records_behind_it_refuses_to_start_and_names_file_and_offset()
    {
        var second = await WriteTwo();

        for (var at = Frame.FileHeaderSize; at < second; at++)
        {
            using var image = _folder.Image();
            Overwrite(Segment(image), at, [(byte)~File.ReadAllBytes(Segment(image).FullName)[at]]);

            var refusal = Should.Throw<StoreStartException>(() => Open(image));

            refusal.Message.ShouldContain(Segment(image).FullName);
            refusal.Message.ShouldContain($"offset {Frame.FileHeaderSize}:");
        }
    }

    [Fact]
    public void A_file_of_another_kind_or_a_newer_format_refuses_to_start()
    {
        File.WriteAllText(_folder.File("journal-0000000001"), "this is somebody's shopping list");
        Should.Throw<StoreStartException>(() => Open(_folder)).Message.ShouldContain("is no log of this service");

        var newer = Frame.FileHeader();
        newer[8] = 2;
        BitConverter.GetBytes(Frame.Crc32C(newer.AsSpan(0, 12))).CopyTo(newer, 12);
        File.WriteAllBytes(_folder.File("journal-0000000001"), [.. newer, 1, 2, 3]);
        Should.Throw<StoreStartException>(() => Open(_folder)).Message.ShouldContain("format 2");
    }

    [Fact]
    public async Task What_a_killed_process_was_told_is_durable_is_there()
    {
        for (var round = 0; round < 5; round++)
        {
            var said = await AppendingProcess.RunAndKill(_folder.Path, round, lines: 300 + (400 * round));
            said.Count.ShouldBeGreaterThanOrEqualTo(300);
            await using var store = Open(_folder);
            foreach (var line in said)
            {
                var (name, version) = (line.Split(' ')[0], long.Parse(line.Split(' ')[1]));
                (await store.Read(new ChannelId(name), new CallId(name), version)).ShouldNotBeEmpty(line);
                (await store.FindOpen(new ChannelId(name)))!.Version.ShouldBeGreaterThanOrEqualTo(version);
            }
            (await store.ListOpen()).Count.ShouldBe((round + 1) * AppendingProcess.Channels);
        }
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_with_its_name_and_the_key_and_free_afterwards()
    {
        var first = Open(_folder);
        var refusal = Should.Throw<StoreStartException>(() => Open(_folder));
        refusal.Message.ShouldContain(_folder.Path);
        refusal.Message.ShouldContain("calls.data.path");

        await first.DisposeAsync();
        await Open(_folder).DisposeAsync();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_its_name_and_the_key()
    {
        File.WriteAllText(_folder.File("file"), "");
        var options = new EmbeddedOptions { Path = _folder.File("file") };

        var refusal = Should.Throw<StoreStartException>(() =>
            EmbeddedStore.Open(options, _time, new Random(1), NullLogger.Instance)
        );

        refusal.Message.ShouldContain(options.Path);
        refusal.Message.ShouldContain("calls.data.path");
    }

    [Fact]
    public async Task Only_the_owner_may_read_the_files()
    {
        await using (var store = Open(_folder))
            await store.GetOrAddSecret("key", [1]);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Segment(_folder).FullName).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void The_checksum_is_the_one_that_others_compute_too() =>
        Frame.Crc32C(Encoding.ASCII.GetBytes("123456789")).ShouldBe(0xE3069283u, "the check value of CRC-32C");

    private static FileInfo Segment(TemporaryFolder folder) => new(folder.File("journal-0000000001"));

    private static Channel Group(string id) => new(new ChannelId(id), ChannelKind.Group, []);

    private static void Truncate(FileInfo file, long length)
    {
        using var stream = file.OpenWrite();
        stream.SetLength(length);
    }

    private static void Overwrite(FileInfo file, long offset, byte[] bytes)
    {
        using var stream = file.OpenWrite();
        stream.Position = offset;
        stream.Write(bytes);
    }

    /// <summary>Two commits of one channel each; gives the offset of the second.</summary>
    private async Task<long> WriteTwo()
    {
        await using var store = Open(_folder);
        await store.PutChannel(Group("first"));
        var offset = Segment(_folder).Length;
        await store.PutChannel(Group("second"));
        return offset;
    }

    private async Task ShouldHoldOnlyTheFirst(TemporaryFolder folder, long torn)
    {
        await using var store = Open(folder);
        (store.Torn?.Bytes ?? 0).ShouldBe(torn);
        (await store.GetChannel(new ChannelId("first"))).ShouldNotBeNull();
        (await store.GetChannel(new ChannelId("second"))).ShouldBeNull();
    }

    private EmbeddedStore Open(TemporaryFolder folder) =>
        EmbeddedStore.Open(new EmbeddedOptions { Path = folder.Path }, _time, new Random(1), NullLogger.Instance);
}
