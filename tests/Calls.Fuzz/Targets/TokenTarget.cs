using System.Text;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Host.Auth;
using Microsoft.IdentityModel.Tokens;

namespace Calls.Fuzz.Targets;

/// <summary>Tokens: none of them is signed with our key, and none is taken.</summary>
internal sealed class TokenTarget : SingleInputTarget
{
    private static readonly TokenValidator Validator = new(
        [new TokenKey(TokenAlgorithms.Hs256, null, new SymmetricSecurityKey(new byte[32]))],
        issuer: null,
        audience: null,
        TimeProvider.System
    );

    private TokenResult? _result;

    public override string Name => "token";

    // The library's own objects around each check, and what is decoded.
    public override long MaxAllocated(int length) => (128 * 1024) + (48L * length);

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var token = corpus.Pick(chance);
        if (chance.Next(3) == 0)
        {
            return Text.Mutate(chance, token, corpus.Entries, ".");
        }
        // Within the JSON of one part.
        var parts = Encoding.UTF8.GetString(token).Split('.');
        var at = chance.Next(Math.Min(2, parts.Length));
        var json = Base64UrlEncoder.DecodeBytes(parts[at]);
        parts[at] = Base64UrlEncoder.Encode(Text.Mutate(chance, json, [json], ",:\""));
        return Encoding.UTF8.GetBytes(string.Join('.', parts));
    }

    protected override void Read(byte[] input) => _result = Validator.Validate(Encoding.UTF8.GetString(input));

    protected override void Examine(byte[] input) =>
        Require(_result is TokenResult.Refused, "a forged token was taken");
}
