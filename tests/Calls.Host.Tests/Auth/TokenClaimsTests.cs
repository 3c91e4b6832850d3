using Calls.Host.Auth;
using static Calls.Host.Tests.Auth.TokenScene;

namespace Calls.Host.Tests.Auth;

public class TokenClaimsTests
{
    private static TokenResult Validate(string claims) => Validator(SecretText).Validate(Hs256(claims));

    [Fact]
    public void A_token_ends_at_exp_and_not_a_second_later()
    {
        Validate(Claims(ttl: 1)).ShouldBeAccepted().ExpiresAt.ShouldBe(Now.AddSeconds(1));
        Validate(Claims(ttl: 0)).ShouldBe(new TokenResult.Expired(Now));
        Validate(Claims(ttl: -3600)).ShouldBe(new TokenResult.Expired(Now.AddHours(-1)));
    }

    [Fact]
    public void Only_a_token_that_was_good_once_is_called_expired()
    {
        Validator(OtherSecretText).Validate(Hs256(Claims(ttl: -1))).ShouldBeRefused();
        new TokenValidator(Keys(SecretText), "chat", null, new StoppedClock())
            .Validate(Hs256(Claims(ttl: -1)))
            .ShouldBeRefused();
    }

    [Theory]
    [InlineData("""{"sub":"alice"}""")]
    [InlineData("""{"sub":"alice","exp":"4102444800"}""")]
    [InlineData("""{"sub":"alice","exp":null}""")]
    [InlineData("""{"sub":"alice","exp":-1}""")]
    [InlineData("""{"sub":"alice","exp":1e300}""")]
    [InlineData("""{"sub":"alice","exp":1e999}""")]
    [InlineData("""{"sub":"alice","exp":[4102444800]}""")]
    public void A_token_without_a_good_exp_is_refused(string claims) =>
        Validate(claims).ShouldBeRefused().ShouldContain("exp");

    [Fact]
    public void A_date_may_have_a_fraction() =>
        Validate("""{"sub":"alice","exp":4102444800.25}""")
            .ShouldBeAccepted()
            .ExpiresAt.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(4102444800250));

    [Fact]
    public void A_token_begins_at_nbf_with_a_little_leeway_for_the_issuers_clock()
    {
        var now = Now.ToUnixTimeSeconds();
        Validate(Claims($",\"nbf\":{now - 5}")).ShouldBeAccepted();
        Validate(Claims($",\"nbf\":{now + 5}")).ShouldBeAccepted();
        Validate(Claims($",\"nbf\":{now + 6}")).ShouldBeRefused().ShouldContain("nbf");
        Validate(Claims(",\"nbf\":\"soon\"")).ShouldBeRefused().ShouldContain("nbf");
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"al ice\"")]
    [InlineData("\"älice\"")]
    [InlineData("\"alice\\u0000\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"a234567890123456789012345678901234567890123456789012345678901234x\"")]
    public void A_sub_that_is_no_user_id_is_refused(string sub) =>
        Validate(Claims(sub: sub)).ShouldBeRefused().ShouldContain("sub");

    [Fact]
    public void A_token_without_sub_is_refused() => Validate("""{"exp":4102444800}""").ShouldBeRefused();

    [Theory]
    [InlineData("", "alice")]
    [InlineData(",\"name\":\"\"", "alice")]
    [InlineData(",\"name\":\"  \\t \"", "alice")]
    [InlineData(",\"name\":7", "alice")]
    [InlineData(",\"name\":\"\\ud800\"", "alice")]
    [InlineData(",\"name\":\" Alice\\r\\n Liddell \"", "Alice Liddell")]
    public void The_name_is_what_can_be_shown_else_the_user_id(string more, string name) =>
        Validate(Claims(more)).ShouldBeAccepted().Name.ShouldBe(name);

    [Fact]
    public void A_long_name_is_cut_between_characters()
    {
        Validate(Claims($",\"name\":\"{new string('x', 500)}\"")).ShouldBeAccepted().Name.Length.ShouldBe(128);
        var name = Validate(Claims($",\"name\":\"{new string('x', 127)}🙂🙂\"")).ShouldBeAccepted().Name;
        name.ShouldBe(new string('x', 127));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(",\"scope\":\"calls:admin\"", true)]
    [InlineData(",\"scope\":\"chat calls:admin mail\"", true)]
    [InlineData(",\"scope\":[\"chat\",\"calls:admin\"]", true)]
    [InlineData(",\"scope\":\"calls:administrator\"", false)]
    [InlineData(",\"scope\":\"calls:Admin\"", false)]
    [InlineData(",\"scope\":\"xcalls:admin\"", false)]
    [InlineData(",\"scope\":true", false)]
    [InlineData(",\"scope\":{\"calls:admin\":1}", false)]
    public void Only_the_admin_scope_makes_an_admin(string more, bool admin) =>
        Validate(Claims(more)).ShouldBeAccepted().IsAdmin.ShouldBe(admin);
}
