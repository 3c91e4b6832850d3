using Calls.Host.Auth;
using FsCheck;
using FsCheck.Fluent;
using static Calls.Host.Tests.Auth.TokenScene;

namespace Calls.Host.Tests.Auth;

public class TokenGarbageTests
{
    private static readonly TokenValidator All = Validator(SecretText, RsaPem, EcPem);
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    [Fact]
    public void No_text_makes_it_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => All.Validate(text) is TokenResult.Refused).Check(Thorough);

    [Fact]
    public void No_three_parts_make_it_throw() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<string>(),
                ArbMap.Default.ArbFor<string>(),
                (header, claims) =>
                    All.Validate($"{Encode(header ?? "")}.{Encode(claims ?? "")}.{Encode("x")}") is TokenResult.Refused
            )
            .Check(Thorough);

    [Fact]
    public void A_token_changed_in_any_one_character_is_refused()
    {
        foreach (var token in (string[])[Hs256(Claims()), Es256(Claims()), Rs256(Claims())])
        {
            All.Validate(token).ShouldBeAccepted();
            Prop.ForAll(
                    Gen.Choose(0, token.Length - 1).ToArbitrary(),
                    Gen.Elements("ABCabc019-_.=+/ \0é".ToCharArray()).ToArbitrary(),
                    (at, with) =>
                    {
                        var changed = $"{token[..at]}{with}{token[(at + 1)..]}";
                        return changed == token || All.Validate(changed) is TokenResult.Refused;
                    }
                )
                .Check(Config.QuickThrowOnFailure.WithMaxTest(700));
        }
    }

    [Fact]
    public void Signed_nonsense_does_not_make_it_throw() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<string>(),
                ArbMap.Default.ArbFor<string>(),
                (name, value) =>
                {
                    var claims = System.Text.Json.JsonSerializer.Serialize(
                        new Dictionary<string, string?>
                        {
                            [name ?? ""] = value,
                            ["iss"] = value,
                            ["aud"] = value,
                        }
                    );
                    var strict = new TokenValidator(Keys(SecretText), "chat", "calls", new StoppedClock());
                    return strict.Validate(Hs256(claims)) is TokenResult.Refused;
                }
            )
            .Check(Thorough);

    [Fact]
    public void A_signed_token_with_odd_claims_is_judged_and_throws_nothing()
    {
        string[] names =
        [
            "iss",
            "aud",
            "sub2",
            "jti",
            "iat",
            "nbf",
            "actort",
            "amr",
            "cnf",
            "scope",
            "name",
            "typ",
            "",
        ];
        string[] values =
        [
            "null",
            "true",
            "7",
            "-7",
            "1e400",
            "\"\"",
            "\"\\ud800\"",
            "\"2026-01-01T00:00:00Z\"",
            "[]",
            "{}",
        ];
        string[] nested = [.. values, "[1,[2,{\"a\":null}]]", "{\"a\":{\"a\":[{}]}}", $"\"{Hs256(Claims())}\""];
        var validator = new TokenValidator(Keys(SecretText), null, null, new StoppedClock());
        var strict = new TokenValidator(Keys(SecretText), "chat", "calls", new StoppedClock());
        foreach (var (name, value) in names.SelectMany(name => nested.Select(value => (name, value))))
        {
            var token = Hs256(Claims($",\"{name}\":{value}"));
            validator.Validate(token).ShouldNotBeNull();
            strict.Validate(token).ShouldBeRefused();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData("Bearer x.y.z")]
    public void Nothing_much_is_refused(string? token) => All.Validate(token).ShouldBeRefused();

    [Fact]
    public void A_long_token_is_refused_before_it_is_looked_at()
    {
        var token = Hs256(Claims($",\"x\":\"{new string('x', 8_192)}\""));
        All.Validate(token).ShouldBeRefused().ShouldContain("longer");
        All.Validate(new string('.', 1_000_000)).ShouldBeRefused().ShouldContain("longer");
    }

    [Fact]
    public void Deeply_nested_json_does_not_reach_the_library()
    {
        var deep = $"{new string('[', 2_000)}{new string(']', 2_000)}";
        All.Validate(Hs256(Claims($",\"x\":{deep}"))).ShouldBeRefused().ShouldContain("payload");
    }

    [Fact]
    public void A_reason_shows_nothing_of_the_token()
    {
        var token = Hs256(Claims(), OtherSecretText);
        var reason = All.Validate(token).ShouldBeRefused();
        token.Split('.').ShouldAllBe(part => !reason.Contains(part));
        reason.ShouldNotContain("alice");
    }
}
