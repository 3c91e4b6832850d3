using static Calls.Host.Tests.Auth.TokenScene;

namespace Calls.Host.Tests.Auth;

public class TokenValidatorTests
{
    [Fact]
    public void A_token_of_each_algorithm_is_accepted()
    {
        var validator = Validator(SecretText, RsaPem, EcPem);
        foreach (var token in (string[])[Hs256(Claims()), Rs256(Claims()), Es256(Claims())])
            validator.Validate(token).ShouldBeAccepted().UserId.Value.ShouldBe("alice");
    }

    [Fact]
    public void A_token_tells_who_it_is()
    {
        var token = Hs256(Claims(""","name":"Alice ✆","scope":"chat calls:admin" """));
        var identity = Validator(SecretText).Validate(token).ShouldBeAccepted();
        identity.ShouldBe(new(new("alice"), "Alice ✆", true, Now.AddSeconds(60)));
    }

    [Fact]
    public void A_token_with_a_wrong_signature_is_refused()
    {
        var validator = Validator(SecretText, RsaPem, EcPem);
        validator.Validate(Hs256(Claims(), OtherSecretText)).ShouldBeRefused();
        validator.Validate(Rs256(Claims(), key: OtherRsa)).ShouldBeRefused();
        var (mine, forged) = (Es256(Claims()).Split('.'), Encode(Claims(sub: "\"bob\"")));
        validator.Validate($"{mine[0]}.{forged}.{mine[2]}").ShouldBeRefused();
    }

    [Fact]
    public void A_public_key_is_never_taken_for_an_hmac_secret()
    {
        // The classic forgery: whoever knows the public key signs with its text, and claims HS256.
        foreach (var pem in (string[])[RsaPem, EcPem])
        {
            var forged = (string[])[Hs256(Claims(), pem), Hs256(Claims(), pem.Trim()), Hs256(Claims(), pem + "\n")];
            foreach (var token in forged)
            {
                Validator(pem).Validate(token).ShouldBeRefused();
                Validator(pem, SecretText).Validate(token).ShouldBeRefused();
            }
        }
    }

    [Fact]
    public void A_keys_algorithm_is_not_the_tokens_to_choose()
    {
        // Good signatures under a header that claims another algorithm.
        Validator(RsaPem, EcPem, SecretText)
            .Validate(Rs256(Claims(), header: """{"alg":"ES256"}"""))
            .ShouldBeRefused();
        Validator(SecretText).Validate(Rs256(Claims())).ShouldBeRefused();
        Validator(RsaPem).Validate(Es256(Claims())).ShouldBeRefused();
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":""}""")]
    [InlineData("""{"alg":null}""")]
    [InlineData("""{"alg":["HS256"]}""")]
    [InlineData("""{"alg":"HS384"}""")]
    [InlineData("""{"alg":"HS512"}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":"PS256"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    public void Every_other_algorithm_is_refused(string header)
    {
        var validator = Validator(SecretText, RsaPem, EcPem);
        validator.Validate(Hs256(Claims(), header: header)).ShouldBeRefused().ShouldContain("algorithm");
        validator.Validate($"{Encode(header)}.{Encode(Claims())}.").ShouldBeRefused();
    }

    [Fact]
    public void An_unsigned_token_is_refused()
    {
        var signed = Hs256(Claims());
        Validator(SecretText).Validate(signed[..(signed.LastIndexOf('.') + 1)]).ShouldBeRefused();
        Validator(SecretText).Validate(signed[..signed.LastIndexOf('.')]).ShouldBeRefused();
    }

    [Fact]
    public void An_encrypted_token_of_five_parts_is_refused()
    {
        var parts = Hs256(Claims()).Split('.');
        Validator(SecretText)
            .Validate($"{parts[0]}.a.b.{parts[1]}.{parts[2]}")
            .ShouldBeRefused()
            .ShouldContain("5 parts");
    }

    [Fact]
    public void What_must_be_understood_and_is_not_is_refused() =>
        Validator(SecretText)
            .Validate(Hs256(Claims(), header: """{"alg":"HS256","crit":["b64"],"b64":false}"""))
            .ShouldBeRefused()
            .ShouldContain("crit");

    [Fact]
    public void A_name_given_twice_is_refused()
    {
        Validator(SecretText).Validate(Hs256(Claims(""","sub":"bob" """))).ShouldBeRefused();
        Validator(SecretText).Validate(Hs256(Claims(), header: """{"alg":"none","alg":"HS256"}""")).ShouldBeRefused();
    }

    [Fact]
    public void Any_of_several_keys_may_have_signed()
    {
        var validator = Validator(OtherSecretText, RsaPem, SecretText);
        validator.Validate(Hs256(Claims(), SecretText)).ShouldBeAccepted();
        validator.Validate(Hs256(Claims(), OtherSecretText)).ShouldBeAccepted();
    }

    [Fact]
    public void The_kid_selects_the_key()
    {
        static string Jwk(string kid, string secret) => $$"""{"kty":"oct","kid":"{{kid}}","k":"{{Encode(secret)}}"}""";
        static string Header(string kid) => $$"""{"alg":"HS256","kid":"{{kid}}"}""";
        var validator = Validator($$"""{"keys":[{{Jwk("old", SecretText)}},{{Jwk("new", OtherSecretText)}}]}""");
        validator.Validate(Hs256(Claims(), SecretText, Header("old"))).ShouldBeAccepted();
        validator.Validate(Hs256(Claims(), OtherSecretText, Header("new"))).ShouldBeAccepted();
        validator.Validate(Hs256(Claims(), OtherSecretText)).ShouldBeAccepted();
        validator.Validate(Hs256(Claims(), SecretText, Header("new"))).ShouldBeRefused();
        validator.Validate(Hs256(Claims(), SecretText, Header("unheard"))).ShouldBeRefused().ShouldContain("no key");
        Validator(SecretText).Validate(Hs256(Claims(), SecretText, Header("unheard"))).ShouldBeAccepted();
    }

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    public void A_kid_is_text(string kid) =>
        Validator(SecretText)
            .Validate(Hs256(Claims(), header: $$"""{"alg":"HS256","kid":{{kid}}}"""))
            .ShouldBeRefused();

    [Fact]
    public void Issuer_and_audience_are_checked_where_they_are_configured()
    {
        var strict = new Calls.Host.Auth.TokenValidator(Keys(SecretText), "chat", "calls", new StoppedClock());
        strict.Validate(Hs256(Claims(""","iss":"chat","aud":"calls" """))).ShouldBeAccepted();
        strict.Validate(Hs256(Claims(""","iss":"chat","aud":["shop","calls"]"""))).ShouldBeAccepted();
        string[] bad =
        [
            "",
            ""","iss":"chat" """,
            ""","aud":"calls" """,
            ""","iss":"evil","aud":"calls" """,
            ""","iss":"chat","aud":"shop" """,
            ""","iss":"chat","aud":[]""",
            ""","iss":"CHAT","aud":"calls" """,
            ""","iss":["chat"],"aud":"calls" """,
            ""","iss":{"a":1},"aud":{"calls":1}""",
        ];
        foreach (var more in bad)
            strict.Validate(Hs256(Claims(more))).ShouldBeRefused();
        Validator(SecretText).Validate(Hs256(Claims(""","iss":"anyone","aud":"anything" """))).ShouldBeAccepted();
    }

    [Fact]
    public void Many_threads_may_ask_at_once()
    {
        var validator = Validator(SecretText, RsaPem, EcPem);
        string[] good = [Hs256(Claims()), Rs256(Claims()), Es256(Claims())];
        string[] bad = [Hs256(Claims(), OtherSecretText), Rs256(Claims(), key: OtherRsa)];
        Parallel.For(
            0,
            600,
            new() { MaxDegreeOfParallelism = 8 },
            i =>
            {
                validator.Validate(good[i % good.Length]).ShouldBeAccepted();
                validator.Validate(bad[i % bad.Length]).ShouldBeRefused();
            }
        );
    }
}
