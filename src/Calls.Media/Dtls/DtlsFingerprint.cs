using System.Security.Cryptography;

namespace Calls.Media.Dtls;

/// <summary>A certificate's SHA-256 fingerprint (RFC 8122 section 5), the only hash that offers and answers use here.</summary>
public readonly record struct DtlsFingerprint
{
    private const int Size = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private DtlsFingerprint(ReadOnlySpan<byte> hash)
    {
        _high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
        _low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The fingerprint of a certificate in DER form.</summary>
    public static DtlsFingerprint Of(ReadOnlySpan<byte> certificate)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(certificate, hash);
        return new DtlsFingerprint(hash);
    }

    /// <summary>Takes the 32 bytes of the hash itself.</summary>
    internal static DtlsFingerprint FromHash(ReadOnlySpan<byte> hash) => new(hash[..Size]);

    /// <summary>Reads <c>AB:CD:…</c>, 32 pairs of hexadecimal digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DtlsFingerprint fingerprint)
    {
        fingerprint = default;
        if (text.Length != Size * 3 - 1)
        {
            return false;
        }
        Span<byte> hash = stackalloc byte[Size];
        for (var i = 0; i < Size; i++)
        {
            var at = i * 3;
            if (
                (i > 0 && text[at - 1] != ':')
                || !char.IsAsciiHexDigit(text[at])
                || !char.IsAsciiHexDigit(text[at + 1])
            )
            {
                return false;
            }
            hash[i] = (byte)((Digit(text[at]) << 4) | Digit(text[at + 1]));
        }
        fingerprint = new DtlsFingerprint(hash);
        return true;
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>The form that stands in SDP: upper case, pairs set apart by colons.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[Size];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(hash, _high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(hash[16..], _low);
        return BitConverter.ToString(hash.ToArray()).Replace('-', ':');
    }
}
