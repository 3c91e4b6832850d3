using System.Text;
using Calls.Media.Wire;

namespace Calls.Media.Stun;

/// <summary>The key of short-term credentials (RFC 8489 §9.1.1): an ICE password, made ready once.</summary>
public sealed class StunKey
{
    private readonly HmacSha1Key _key;

    /// <summary>From an <c>a=ice-pwd</c>, which is ASCII, so that preparing (OpaqueString) changes nothing.</summary>
    public StunKey(string password) => _key = new HmacSha1Key(Encoding.UTF8.GetBytes(password));

    internal void Sign(ReadOnlySpan<byte> text, Span<byte> hash) => _key.Compute(text, hash);

    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> hash) => _key.Verify(text, hash);
}
