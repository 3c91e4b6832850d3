using System.Net;
using Calls.Host.Settings;

namespace Calls.Host.Tests.Settings;

public sealed class ReachableAddressesTests
{
    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("169.254.3.4", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("ff02::1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    public void Of_an_interface_s_addresses_those_are_announced_that_others_reach(string address, bool announced) =>
        ReachableAddresses.IsFound(IPAddress.Parse(address), loopbackToo: false).ShouldBe(announced);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Loopback_is_announced_in_Development(string address) =>
        ReachableAddresses.IsFound(IPAddress.Parse(address), loopbackToo: true).ShouldBeTrue();

    [Theory]
    [InlineData("169.254.3.4")]
    [InlineData("127.0.0.1")]
    public void Whoever_names_an_address_may_have_reasons(string address) =>
        ReachableAddresses.CanBeAnnounced(IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public void Given_addresses_are_all_there_is_whether_an_interface_has_them_or_not()
    {
        IPAddress[] given = [IPAddress.Parse("203.0.113.5"), IPAddress.Parse("2001:db8::5")];
        ReachableAddresses.Of(new(7882, null, given, AnnounceLoopback: true, 1)).ShouldBe(given);
    }

    [Fact]
    public void Without_any_they_are_the_interfaces() =>
        ReachableAddresses.Of(new(7882, null, [], AnnounceLoopback: true, 1)).ShouldContain(IPAddress.Loopback);
}
