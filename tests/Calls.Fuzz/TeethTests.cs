using Calls.Fuzz.Engine;

namespace Calls.Fuzz;

/// <summary>The fuzzer finds faults: targets that have one on purpose are found out, each for what it is.</summary>
public sealed class TeethTests
{
    private static readonly Corpus Letters = new([
        [1, 2, 3, 4, 5, 6, 7, 8],
    ]);

    [Fact]
    public void One_that_throws_is_found_and_its_input_shows_it_again()
    {
        var finding = Find(() => new Faulty((input, _) => Refuse(input[3] == 0x42)));
        finding.Kind.ShouldBe(FindingKind.Thrown);
        finding.Input[3].ShouldBe((byte)0x42);
        finding.Seed.ShouldBe(11);
        Replay(() => new Faulty((input, _) => Refuse(input[3] == 0x42)), finding.Input)!
            .Kind.ShouldBe(FindingKind.Thrown);
    }

    [Fact]
    public void The_same_seed_finds_the_same() =>
        Find(() => new Faulty((input, _) => Refuse(input[3] == 0x42)))
            .Input.ShouldBe(Find(() => new Faulty((input, _) => Refuse(input[3] == 0x42))).Input);

    [Fact]
    public void One_that_allocates_too_much_is_found() =>
        Find(() => new Faulty((input, _) => GC.KeepAlive(new byte[input[0] == 0x42 ? 100_000 : 10])))
            .Kind.ShouldBe(FindingKind.Allocation);

    [Fact]
    public void One_that_takes_too_long_is_found() =>
        Find(() => new Faulty((input, _) => Spin(input[0] == 0x42 ? 80 : 0))).Kind.ShouldBe(FindingKind.Time);

    [Fact]
    public void One_that_is_slow_once_only_is_not()
    {
        var isFirst = true;
        Run(() =>
                new Faulty(
                    (_, _) =>
                    {
                        Spin(isFirst ? 80 : 0);
                        isFirst = false;
                    }
                )
            )
            .ShouldBeNull();
    }

    [Fact]
    public void One_that_never_ends_is_found()
    {
        using var over = new ManualResetEventSlim();
        var finding = Find(() => new Faulty((input, _) => Wait(over, input[0] == 0x42)));
        over.Set();
        finding.Kind.ShouldBe(FindingKind.Hang);
        finding.Input[0].ShouldBe((byte)0x42);
    }

    [Fact]
    public void One_whose_state_grows_is_found_though_each_input_takes_little()
    {
        var finding = Find(() => new Faulty((_, state) => state.Add(new byte[16])));
        finding.Kind.ShouldBe(FindingKind.Growth);
    }

    [Fact]
    public void One_without_a_fault_is_not() => Run(() => new Faulty((_, _) => { })).ShouldBeNull();

    [Fact]
    public void A_finding_is_kept_as_a_file_of_its_target()
    {
        var folder = Directory.CreateTempSubdirectory("calls-fuzz-test-").FullName;
        var finding = Find(() => new Faulty((input, _) => Refuse(input[3] == 0x42)));
        var path = Regressions.Write(finding, folder);
        File.ReadAllBytes(path).ShouldBe(finding.Input);
        Path.GetRelativePath(folder, path).ShouldStartWith("faulty/thrown-11-");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void State_weighs_what_hangs_on_it()
    {
        var list = new List<byte[]>();
        var before = StateWeight.Of(list);
        list.Add(new byte[10_000]);
        (StateWeight.Of(list) - before).ShouldBeInRange(10_000, 10_200);
        list.Add(list[0]); // the same once more
        (StateWeight.Of(list) - before).ShouldBeInRange(10_000, 10_200);
    }

    private static Finding Find(Func<FuzzTarget> target) => Run(target).ShouldNotBeNull();

    private static Finding? Run(Func<FuzzTarget> target) => New(target).Run();

    private static Finding? Replay(Func<FuzzTarget> target, byte[] input) => New(target).Replay(input);

    private static FuzzRun New(Func<FuzzTarget> target) =>
        new(
            "faulty",
            target,
            Letters,
            new FuzzOptions
            {
                Seed = 11,
                Cases = 20_000,
                HangAfter = TimeSpan.FromSeconds(10),
            }
        );

    private static void Refuse(bool isSo)
    {
        if (isSo)
        {
            throw new InvalidOperationException("on purpose");
        }
    }

    private static void Wait(ManualResetEventSlim over, bool isSo)
    {
        if (isSo)
        {
            over.Wait();
        }
    }

    // Of the processor's time, which is what is measured.
    private static void Spin(int milliseconds)
    {
        var meter = new Meter();
        meter.Start();
        while (meter.Time.TotalMilliseconds < milliseconds)
        {
            meter.Stop();
        }
    }

    /// <summary>Does with each input, and with what it keeps, what the test says.</summary>
    private sealed class Faulty(Action<byte[], List<byte[]>> act) : FuzzTarget
    {
        private readonly List<byte[]> _state = [];

        public override string Name => "faulty";

        public override object State => _state;

        public override long MaxAllocated(int length) => 50_000;

        public override byte[] Make(Random chance, Corpus corpus)
        {
            var input = corpus.Pick(chance);
            input[chance.Next(input.Length)] = (byte)chance.Next(256);
            return input;
        }

        public override void Run(byte[] input, Meter meter)
        {
            meter.Start();
            act(input, _state);
            meter.Stop();
        }
    }
}
