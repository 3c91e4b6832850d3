using System.Net;
using System.Net.Sockets;
using Calls.Media.Dtls;
using Calls.Media.Stun;
using Calls.Media.Tcp;
using Calls.Media.Tests.Sfu;

namespace Calls.Media.Tests.Shell;

/// <summary>ICE over TCP (RFC 6544) on real sockets.</summary>
public sealed class TcpTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task One_over_TCP_and_one_over_UDP_hear_each_other(string address)
    {
        await using var call = new LiveCall(IPAddress.Parse(address));
        using var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob");

        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        call.Server.TcpCount.ShouldBe(1);
        call.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_over_TCP_hear_each_other()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob", overTcp: true);
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
    }

    [Fact]
    public async Task Whoever_loses_UDP_in_mid_call_goes_on_over_TCP()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));

        alice.GoOnOverTcp();
        alice.Heard.Clear();
        bob.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
    }

    [Fact]
    public async Task A_connection_ends_with_its_session()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob"));
        call.Server.Close("s-alice");
        call.RunUntil(() => alice.Tcp.IsClosed);
        call.RunUntil(() => call.Server.TcpCount == 0);
        call.Server.Tcp[TcpEnd.Session].ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_closes_leaves_nothing()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob");
        call.RunUntil(() => bob.Heard.Contains("alice"));
        call.Leave(alice);
        call.RunUntil(() => call.Server.TcpCount == 0);
        call.Server.Tcp[TcpEnd.Client].ShouldBe(1);
    }

    [Fact]
    public async Task Strangers_are_closed_at_their_first_packet_and_the_silent_ones_in_time()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob"));

        var server = new IPEndPoint(IPAddress.Loopback, call.Server.Port);
        using var silent = new TcpLine(server);
        using var slow = new TcpLine(server);
        slow.SendRaw([0]);
        using var page = new TcpLine(server);
        page.SendRaw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8);
        using var dtls = new TcpLine(server);
        using var identity = new DtlsIdentity(MediaWorld.Epoch);
        using var hello = new DtlsHandshake(identity, DtlsRole.Client, TimeSpan.Zero);
        hello.TryTake(out var datagram).ShouldBeTrue();
        dtls.Send(datagram);
        using var guess = new TcpLine(server);
        guess.Send(Check("AAAAAAAA", "B1234567890123456789012A"));
        using var forged = new TcpLine(server);
        forged.Send(Check(alice.Offered!.Ufrag, "B1234567890123456789012A"));

        call.RunUntil(() => page.IsClosed && dtls.IsClosed && guess.IsClosed && forged.IsClosed);
        call.RunUntil(() => silent.IsClosed && slow.IsClosed);
        call.Server.Tcp[TcpEnd.Stranger].ShouldBe(6);
        call.Server.TcpCount.ShouldBe(0);
        alice.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob"));
        call.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_address_cannot_take_the_place_of_others()
    {
        await using var call = new LiveCall(IPAddress.Parse("127.0.0.1"));
        var server = new IPEndPoint(IPAddress.Loopback, call.Server.Port);
        var crowd = Enumerable
            .Range(0, TcpLimits.MaxStrangersPerAddress + 10)
            .Select(_ => new TcpLine(server))
            .ToList();
        call.RunUntil(() => crowd.Count(line => line.IsClosed) == 10);
        call.Server.Tcp[TcpEnd.Limit].ShouldBe(10);

        // Another address still gets in: all of 127/8 is this machine's.
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.77"), 0));
        other.Connect(server);
        other.Send("\0\u0001x"u8);
        call.RunUntil(() => call.Server.Tcp[TcpEnd.Stranger] >= 1);
        crowd.ForEach(line => line.Dispose());
    }

    [Fact]
    public async Task A_frame_of_nonsense_length_ends_a_connection_and_nothing_else()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob"));
        alice.Tcp.SendRaw([0xFF, 0xFF]);
        call.RunUntil(() => alice.Tcp.IsClosed);
        call.Server.Tcp[TcpEnd.Malformed].ShouldBe(1);

        alice.GoOnOverTcp();
        alice.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob"));
    }

    [Fact]
    public async Task Who_does_not_read_loses_packets_and_the_others_none()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice", overTcp: true);
        using var bob = call.Join("bob");
        using var carol = call.Join("carol");
        call.RunUntil(() => alice.Heard.Contains("bob") && carol.Heard.Contains("bob"));

        (alice.Reads, bob.Floods) = (false, true);
        call.RunUntil(() => call.Server.NotTaken > 300);
        bob.Floods = false;
        bob.Heard.Clear();
        carol.Heard.Clear();
        call.RunUntil(() => carol.Heard.Contains("bob") && bob.Heard.Contains("carol"));

        alice.Reads = true;
        alice.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob") && alice.Heard.Contains("carol"));
        call.Server.TcpCount.ShouldBe(1);
        call.Notices.ShouldBeEmpty();
    }

    private static byte[] Check(string ufrag, string password)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck($"{ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: true);
        var length = StunWriter.WriteCheck(
            buffer,
            new byte[StunMessage.TransactionIdLength],
            check,
            new StunKey(password)
        );
        return buffer[..length];
    }
}
