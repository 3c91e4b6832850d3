using Calls.Media.Ice;
using Calls.Media.Stun;
using Calls.Media.Tests.Sfu;

namespace Calls.Media.Tests.Ice;

public sealed class IceLiteTests
{
    private static readonly NetworkPath From = VirtualNetwork.Path(9, 4_321);
    private readonly IceCredentials _credentials = IceCredentials.Create(new Random(1).NextBytes);
    private readonly byte[] _response = new byte[StunMessage.MaxLength];

    [Fact]
    public void A_check_with_the_password_is_answered_with_the_address_it_came_from()
    {
        Answer(Check(), out var length).ShouldBe(IceCheckResult.Valid);
        StunMessage.TryParse(_response.AsSpan(0, length), out var response).ShouldBeTrue();
        response.Class.ShouldBe(StunClass.Success);
        response.VerifyIntegrity(_credentials.Key).ShouldBeTrue();
        response.TryGetMappedAddress(out var mapped).ShouldBeTrue();
        mapped.ShouldBe(From.Remote.ToEndPoint());
    }

    [Fact]
    public void A_nomination_is_told_apart()
    {
        Answer(Check(nominate: true), out _).ShouldBe(IceCheckResult.Nominated);
    }

    [Fact]
    public void Without_the_password_there_is_no_answer_at_all()
    {
        Answer(Check(password: "guessed"), out var length).ShouldBe(IceCheckResult.Ignored);
        length.ShouldBe(0);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("abcdefgh", false)]
    [InlineData("abcdefgh:", true)]
    [InlineData("abcdefgh:xyz", true)]
    [InlineData("abcdefghi:xyz", false)]
    [InlineData("abcdefg:xyz", false)]
    public void The_session_stands_before_the_colon(string username, bool isRead)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck(username, 1, IsControlling: true, 1, UseCandidate: false);
        var length = StunWriter.WriteCheck(buffer, new byte[StunMessage.TransactionIdLength], check, _credentials.Key);
        IceLite.TryReadUfrag(buffer.AsSpan(0, length), out var ufrag).ShouldBe(isRead);
        (ufrag != default).ShouldBe(isRead);
    }

    [Fact]
    public void A_response_is_no_check()
    {
        Answer(Check(), out var length);
        IceLite.TryReadUfrag(_response.AsSpan(0, length), out _).ShouldBeFalse();
    }

    [Fact]
    public void Credentials_are_long_enough_and_never_the_same()
    {
        var chance = new Random(2);
        var all = Enumerable.Range(0, 1_000).Select(_ => IceCredentials.Create(chance.NextBytes)).ToList();
        all.Select(one => one.Ufrag).Distinct().Count().ShouldBe(1_000);
        all.Select(one => one.Password).Distinct().Count().ShouldBe(1_000);
        all.ShouldAllBe(one => one.Ufrag.Length == 8 && one.Password.Length == 24);
        all.ShouldAllBe(one => one.Password.All(c => char.IsAsciiLetterOrDigit(c) || c == '+' || c == '/'));
    }

    [Theory]
    [InlineData("192.0.2.7", 80)]
    [InlineData("2001:db8::7", 65_535)]
    [InlineData("fe80::1%4", 1)]
    public void Addresses_are_the_same_after_as_before(string address, int port)
    {
        var endPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), port);
        TransportAddress.From(endPoint).ToEndPoint().ShouldBe(endPoint);
        TransportAddress.From(endPoint).ShouldBe(TransportAddress.From(endPoint));
    }

    private byte[] Check(bool nominate = false, string? password = null)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck($"{_credentials.Ufrag}:abcd", 1, IsControlling: true, 1, nominate);
        var key = password is null ? _credentials.Key : new StunKey(password);
        var length = StunWriter.WriteCheck(buffer, new byte[StunMessage.TransactionIdLength], check, key);
        return buffer[..length];
    }

    private IceCheckResult Answer(byte[] datagram, out int length) =>
        IceLite.Answer(datagram, _credentials, From, _response, out length);
}
