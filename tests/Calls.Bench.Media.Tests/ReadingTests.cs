using Calls.Bench.Media.Generator;
using Calls.Bench.Media.Measure;

namespace Calls.Bench.Media.Tests;

/// <summary>What the bench reads: the kernel's texts, its own command line, the packets that come.</summary>
public class ReadingTests
{
    [Fact]
    public void The_run_time_of_a_thread_is_the_first_figure() =>
        ProcFiles.RunTime("123456789 42 7\n").ShouldBe(123_456_789);

    [Fact]
    public void The_resident_memory_is_not_the_share_of_it() =>
        ProcFiles.Rss("5577-7ffd ---p 0 [rollup]\nRss:  9000 kB\nPss:  1234 kB\nPss_Anon:  99 kB\n").ShouldBe(9_000);

    [Fact]
    public void The_time_of_a_core_is_its_own() => ProcFiles.CoreTimeOfGroup("111 222 333 \n", core: 1).ShouldBe(222);

    [Fact]
    public void Ticks_count_for_whatever_is_not_idle()
    {
        const string stat = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu1 1 2 4 1000 1000 8 16 1000 0 0\ncpu10 5 5 5 5 5 5 5 5 0 0\n";
        ProcFiles.CoreTimeOfTicks(stat, core: 1).ShouldBe((1 + 2 + 4 + 8 + 16) * 10_000_000L);
    }

    [Fact]
    public void Threads_that_are_new_count_from_their_beginning_and_those_that_went_do_not()
    {
        var before = new Dictionary<int, long> { [1] = 100, [2] = 500 };
        var after = new Dictionary<int, long> { [1] = 160, [3] = 7 };
        Usage.Between(before, after).ShouldBe(67);
    }

    [Theory]
    [InlineData("50x5", true)]
    [InlineData("1x25", true)]
    [InlineData("1x26", false)]
    [InlineData("0x2", false)]
    [InlineData("5x1", false)]
    [InlineData("5", false)]
    [InlineData("-5x2", false)]
    [InlineData("20x25:3", true)]
    [InlineData("20x25:26", false)]
    [InlineData("20x5:0", false)]
    [InlineData("20:5x3", false)]
    public void A_workload_is_rooms_of_a_size_that_a_call_may_have(string text, bool isOne)
    {
        Workload.TryParse(text, out var work).ShouldBe(isOne);
        if (isOne)
            work.ToString().ShouldBe(text);
    }

    [Fact]
    public void Where_all_speak_nobody_is_left_out() => new Workload(4, 3).Voices.ShouldBe(Enumerable.Range(0, 12));

    [Fact]
    public void Where_some_speak_they_are_of_all_rooms() => new Workload(3, 5, 2).Voices.ShouldBe([0, 1, 5, 6, 10, 11]);

    [Fact]
    public void A_part_that_is_named_is_measured_alone()
    {
        BenchOptions.Read([]).Nominal.Count.ShouldBe(5);
        var part = BenchOptions.Read(["10x10", "burst", "floor", "rounds=2"]);
        part.Nominal.ShouldBe([new Workload(10, 10)]);
        (part.Burst, part.Saturated, part.Rounds).ShouldBe((new Workload(100, 2), null, 2));
        part.Systems.ShouldBe([SystemUnderTest.Floor]);
        Should.Throw<ArgumentException>(() => BenchOptions.Read(["rounds=0"]));
    }

    [Fact]
    public void A_packet_with_any_byte_changed_is_not_taken_for_a_senders()
    {
        var payload = new byte[PacketStamp.PayloadLength];
        var stamp = new PacketStamp(7, 70_000, 638_000_000_000_000_000);
        stamp.Write(payload);
        PacketStamp.TryRead(payload, out var read).ShouldBeTrue();
        read.ShouldBe(stamp);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= 1;
            (PacketStamp.TryRead(payload, out read) && read == stamp).ShouldBeFalse();
            payload[i] ^= 1;
        }
    }
}
