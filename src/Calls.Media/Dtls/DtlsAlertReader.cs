using System.Buffers.Binary;
using System.Security.Cryptography;
using Calls.Media.Srtp;

namespace Calls.Media.Dtls;

/// <summary>Reads the peer's alerts after a handshake, with a key of half a kilobyte instead of a living <c>SSL</c> of 75 KB.</summary>
public sealed class DtlsAlertReader
{
    // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, the only suite that DtlsIdentity lets be negotiated (RFC 5288).
    private const int KeySize = 16;
    private const int SaltSize = 4;
    private const int ExplicitNonceSize = 8;
    private const int TagSize = 16;
    private const int AlertSize = 2;
    private const int SealedAlertSize = ExplicitNonceSize + AlertSize + TagSize;
    private const byte Fatal = 2;
    private const byte CloseNotify = 0;

    // The one that SRTP has: what is forged costs no exception, and a datagram holds fifty alerts.
    private readonly GcmKey _key;
    private readonly byte[] _salt;

    private DtlsAlertReader(ReadOnlySpan<byte> key, byte[] salt) => (_key, _salt) = (GcmKey.Create(key), salt);

    /// <summary>Cuts the peer's writing key out of the key block (RFC 5246 section 6.3).</summary>
    internal static DtlsAlertReader FromMaster(ReadOnlySpan<byte> master, ReadOnlySpan<byte> randoms, bool peerIsClient)
    {
        // client key, server key, client salt, server salt; AEAD suites have no MAC keys
        var block = KeyBlock(master, randoms, 2 * (KeySize + SaltSize));
        var side = peerIsClient ? 0 : 1;
        return new DtlsAlertReader(
            block.AsSpan(side * KeySize, KeySize),
            block.AsSpan(2 * KeySize + side * SaltSize, SaltSize).ToArray()
        );
    }

    /// <summary>Whether the datagram says, under the peer's key, that the peer is going: <c>close_notify</c> or any fatal alert.</summary>
    public bool SaysGoodbye(ReadOnlySpan<byte> datagram)
    {
        for (var length = DtlsRecords.Length(datagram); length > 0; length = DtlsRecords.Length(datagram))
        {
            if (IsGoodbye(datagram[..length]))
            {
                return true;
            }
            datagram = datagram[length..];
        }
        return false;
    }

    private bool IsGoodbye(ReadOnlySpan<byte> record)
    {
        if (
            record[0] != DtlsRecords.Alert
            || DtlsRecords.Epoch(record) != 1
            || record.Length != DtlsRecords.HeaderSize + SealedAlertSize
        )
        {
            return false;
        }
        Span<byte> nonce = stackalloc byte[SaltSize + ExplicitNonceSize];
        _salt.CopyTo(nonce);
        var body = record[DtlsRecords.HeaderSize..];
        body[..ExplicitNonceSize].CopyTo(nonce[SaltSize..]);

        // What is authenticated besides: epoch and number, type, version, length of the plain text (RFC 5246 section 6.2.3.3)
        Span<byte> header = stackalloc byte[DtlsRecords.HeaderSize];
        record.Slice(3, 8).CopyTo(header);
        record[..3].CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[11..], AlertSize);

        Span<byte> alert = stackalloc byte[AlertSize];
        body.Slice(ExplicitNonceSize, AlertSize).CopyTo(alert);
        if (!_key.TryOpen(Nonce.Read(nonce), header, alert, body[(ExplicitNonceSize + AlertSize)..]))
        {
            return false;
        }
        return alert[0] == Fatal || alert[1] == CloseNotify;
    }

    // P_SHA256 with the label "key expansion" (RFC 5246 section 5).
    private static byte[] KeyBlock(ReadOnlySpan<byte> master, ReadOnlySpan<byte> randoms, int size)
    {
        byte[] seed = [.. "key expansion"u8, .. randoms];
        var secret = master.ToArray();
        var block = new List<byte>();
        var a = seed;
        while (block.Count < size)
        {
            a = HMACSHA256.HashData(secret, a);
            block.AddRange(HMACSHA256.HashData(secret, (byte[])[.. a, .. seed]));
        }
        CryptographicOperations.ZeroMemory(secret);
        return [.. block.Take(size)];
    }
}
