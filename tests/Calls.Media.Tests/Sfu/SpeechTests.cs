using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

public sealed class SpeechTests
{
    private const int Silence = 127; // −dBov

    [Fact]
    public void Speakers_are_named_loudest_first()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        var carol = world.Join("carol");
        (alice.Level, bob.Level, carol.Level) = (30, 15, 80);
        world.Run(2);
        Speakers(world).ShouldBe(["bob", "alice"]);
        world.Stats(bob).AudioLevel!.Value.ShouldBe(0.178, tolerance: 0.001); // −15 dBov
    }

    [Fact]
    public void A_click_is_no_speech_and_a_pause_between_words_does_not_end_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Level = Silence;
        world.Run(2);
        alice.Level = 36;
        world.Run(0.04);
        alice.Level = Silence;
        world.Run(0.5);
        world.Speakers.ShouldBeEmpty();

        alice.Level = 30;
        world.Run(0.5);
        for (var word = 0; word < 10; word++)
        {
            alice.Level = Silence;
            world.Run(0.4);
            alice.Level = 30;
            world.Run(0.2);
        }
        world.Speakers.ShouldHaveSingleItem().Users.ShouldBe(["alice"]);
        alice.Level = Silence;
        world.Run(1.5);
        Speakers(world).ShouldBeEmpty();
    }

    [Fact]
    public void A_muted_one_is_off_the_list_at_once_and_never_on_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Join("bob");
        world.Join("carol", muted: true);
        world.Run(2);
        Speakers(world).ShouldBe(["alice", "bob"], ignoreOrder: true);

        world.SetVoice(alice, muted: true);
        world.Run(0.21);
        Speakers(world).ShouldBe(["bob"]);
        world.Run(2); // alice's client goes on sending all the same
        Speakers(world).ShouldBe(["bob"]);

        world.SetVoice(alice, muted: false);
        world.Run(1);
        Speakers(world).ShouldBe(["alice", "bob"], ignoreOrder: true);
        world.Speakers.ShouldAllBe(told => !told.Users.Contains("carol"));
    }

    [Fact]
    public void Whoever_falls_silent_or_goes_speaks_no_more()
    {
        using var world = new MediaWorld();
        world.Join("alice");
        var bob = world.Join("bob");
        var carol = world.Join("carol");
        world.Run(2);
        Speakers(world).Count.ShouldBe(3);

        world.Close(carol);
        world.Run(0.21);
        Speakers(world).ShouldBe(["alice", "bob"], ignoreOrder: true);
        bob.Talks = false; // not silence but nothing at all
        world.Run(1.2);
        Speakers(world).ShouldBe(["alice"]);
    }

    [Fact]
    public void Nothing_is_told_as_long_as_nothing_changes()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var told = world.Speakers.Count;

        // About equally loud, now the one and now the other a little louder.
        for (var i = 0; i < 50; i++)
        {
            (alice.Level, bob.Level) = i % 2 == 0 ? (20, 22) : (22, 20);
            world.Run(0.2);
        }
        world.Speakers.Count.ShouldBe(told);

        (alice.Level, bob.Level) = (40, 10);
        world.Run(3);
        Speakers(world).ShouldBe(["bob", "alice"]);
        (alice.Level, bob.Level) = (10, 40);
        world.Run(3);
        Speakers(world).ShouldBe(["alice", "bob"]);
    }

    [Fact]
    public void Even_in_a_quarrel_no_more_than_five_lists_a_second_are_told()
    {
        using var world = new MediaWorld();
        var all = Enumerable.Range(0, 8).Select(i => world.Join($"user-{i}")).ToList();
        world.Run(1);
        for (var i = 0; i < 1_000; i++)
        {
            foreach (var one in all)
            {
                one.Level = world.Network.Chance.Next(4) == 0 ? 10 : Silence;
            }
            world.Run(0.02 * (1 + world.Network.Chance.Next(20)));
        }
        world.Speakers.Count.ShouldBeGreaterThan(100);
        var pauses = world.Speakers.Zip(world.Speakers.Skip(1), (a, b) => b.At - a.At);
        pauses.ShouldAllBe(pause => pause >= SpeakerRoster.Pause);
        world.Speakers.Zip(world.Speakers.Skip(1)).ShouldAllBe(two => !two.First.Users.SequenceEqual(two.Second.Users));
    }

    [Fact]
    public void Looking_who_speaks_allocates_nothing_while_nothing_changes()
    {
        using var world = new MediaWorld();
        for (var i = 0; i < 5; i++)
        {
            world.Join($"user-{i}");
        }
        world.Run(2);
        world.Control.TakeOutputs();
        void Look()
        {
            for (var i = 0; i < 1_000; i++)
            {
                world.Control.ObserveSpeakers(world.Network.Now);
            }
        }
        Look();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Look();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static IReadOnlyList<string> Speakers(MediaWorld world) =>
        world.Speakers.Count == 0 ? [] : world.Speakers[^1].Users;
}
