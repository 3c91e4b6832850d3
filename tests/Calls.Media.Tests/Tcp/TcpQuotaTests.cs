using System.Net;
using Calls.Media.Ice;
using Calls.Media.Tcp;

namespace Calls.Media.Tests.Tcp;

public sealed class TcpQuotaTests
{
    [Fact]
    public void One_address_gets_its_share_and_no_more_whatever_its_ports()
    {
        var quota = new TcpQuota(most: 10, mostPerAddress: 2);
        quota.TryTake(Of("192.0.2.1", 1)).ShouldBeTrue();
        quota.TryTake(Of("192.0.2.1", 2)).ShouldBeTrue();
        quota.TryTake(Of("192.0.2.1", 3)).ShouldBeFalse();
        quota.TryTake(Of("192.0.2.2", 1)).ShouldBeTrue();

        quota.Return(Of("192.0.2.1", 1));
        quota.TryTake(Of("192.0.2.1", 3)).ShouldBeTrue();
        quota.Count.ShouldBe(3);
    }

    [Fact]
    public void All_together_get_no_more_than_there_is()
    {
        var quota = new TcpQuota(most: 3, mostPerAddress: 2);
        for (var i = 1; i <= 3; i++)
        {
            quota.TryTake(Of($"192.0.2.{i}", 1)).ShouldBeTrue();
        }
        quota.TryTake(Of("192.0.2.4", 1)).ShouldBeFalse();
    }

    [Fact]
    public void A_whole_IPv6_network_counts_as_one_address()
    {
        var quota = new TcpQuota(most: 10, mostPerAddress: 1);
        quota.TryTake(Of("2001:db8::1", 1)).ShouldBeTrue();
        quota.TryTake(Of("2001:db8::ffff:2", 1)).ShouldBeFalse();
        quota.TryTake(Of("2001:db8:0:1::1", 1)).ShouldBeTrue();
    }

    private static TransportAddress Of(string address, int port) =>
        TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), port));
}
