namespace Calls.Media.Tests.Sfu;

public sealed class SpeechTests
{
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
        alice.Level = 127;
        world.Run(2);
        alice.Level = 36;
        world.Run(0.04);
        alice.Level = 127;
        world.Run(0.02);
        Speakers(world).ShouldBeEmpty();

        alice.Level = 20;
        world.Run(0.5);
        alice.Level = 127;
        world.Run(0.1);
        Speakers(world).ShouldBe(["alice"]);
        world.Run(1);
        Speakers(world).ShouldBeEmpty();
    }

    [Fact]
    public void Whoever_is_muted_or_falls_silent_or_goes_speaks_no_more()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        var carol = world.Join("carol");
        world.Run(2);
        Speakers(world).Count.ShouldBe(3);

        world.SetVoice(alice, muted: true);
        bob.Talks = false;
        world.Close(carol);
        Speakers(world).ShouldBe(["bob"]);
        world.Run(0.6);
        Speakers(world).ShouldBeEmpty();
        world.Control.Speakers("nowhere", world.Network.Now).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Speakers(MediaWorld world) =>
        world.Control.Speakers("room", world.Network.Now);
}
