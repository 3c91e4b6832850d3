using static Calls.Host.Tests.Settings.SettingsScene;

namespace Calls.Host.Tests.Settings;

public class UnknownKeysTests
{
    [Theory]
    [InlineData("calls.media.prot", "calls.media.port")]
    [InlineData("calls.policy.ringtimeout", "calls.policy.ring_timeout")]
    [InlineData("CALLS.POLICY.RINGTIMEOUT", "calls.policy.ring_timeout")]
    [InlineData("calls.ring_timeout", "calls.policy.ring_timeout")]
    [InlineData("calls.policy.alone", "calls.policy.alone_timeout")]
    [InlineData("calls.webhook", "calls.webhooks")]
    [InlineData("calls.ice_servers.0.url", "calls.ice_servers[].urls")]
    public void A_misspelt_key_is_refused_with_the_name_that_was_meant(string key, string meant)
    {
        var error = Load((key, "1s")).Errors[0];
        error.Key.ShouldBe(key.ToLowerInvariant());
        error.Problem.ShouldBe($"there is no such setting; did you mean {meant}?");
    }

    [Theory]
    [InlineData("calls.colour_of_the_sky")]
    [InlineData("calls.media.addresses.first")]
    [InlineData("calls.ice_servers[].urls")]
    public void What_resembles_nothing_is_refused_too(string key) =>
        Refused((key, "stun:x")).Problem.ShouldStartWith("there is no such setting");

    [Fact]
    public void An_unknown_section_is_told_once() =>
        Refused(("calls.sky.colour", "blue"), ("calls.sky.height", "1")).Key.ShouldBe("calls.sky");

    [Fact]
    public void A_section_is_no_value() => Refused(("calls.media", "7882")).Key.ShouldBe("calls.media");

    [Fact]
    public void A_value_is_no_section() => Refused(("calls.media.port.udp", "7882")).Key.ShouldBe("calls.media.port");

    [Fact]
    public void Other_peoples_keys_are_none_of_our_business() => Good(("Logging.LogLevel.Default", "Debug"));
}
