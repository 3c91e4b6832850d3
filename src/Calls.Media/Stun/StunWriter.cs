using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Calls.Media.Stun;

/// <summary>Writes one STUN message into a buffer of at least <see cref="StunMessage.MaxLength"/> bytes (shorter ones do where the caller knows its attributes).</summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Begins a Binding message.</summary>
    public StunWriter(Span<byte> buffer, StunClass messageClass, ReadOnlySpan<byte> transactionId)
    {
        _buffer = buffer;
        var type = StunMessage.BindingMethod | (((int)messageClass & 2) << 7) | (((int)messageClass & 1) << 4);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId[..StunMessage.TransactionIdLength].CopyTo(buffer[8..]);
        _length = StunMessage.HeaderLength;
    }

    /// <summary>A check from the controlling side (RFC 8445 §7.2.4). Returns its length.</summary>
    public static int WriteCheck(Span<byte> buffer, ReadOnlySpan<byte> transactionId, in StunCheck check, StunKey key)
    {
        var writer = new StunWriter(buffer, StunClass.Request, transactionId);
        writer.AddText(StunAttribute.Username, check.Username);
        writer.AddUInt32(StunAttribute.Priority, check.Priority);
        writer.AddUInt64(
            check.IsControlling ? StunAttribute.IceControlling : StunAttribute.IceControlled,
            check.TieBreaker
        );
        if (check.UseCandidate)
        {
            writer.Reserve(StunAttribute.UseCandidate, 0);
        }

        return writer.Finish(key);
    }

    /// <summary>The answer to a check: where it came from, signed (RFC 8445 §7.3.1.2). Returns its length.</summary>
    public static int WriteSuccess(Span<byte> buffer, ReadOnlySpan<byte> transactionId, IPEndPoint from, StunKey key)
    {
        var writer = new StunWriter(buffer, StunClass.Success, transactionId);
        Span<byte> value = stackalloc byte[StunAddress.MaxLength];
        var length = StunAddress.WriteXor(value, from, transactionId);
        value[..length].CopyTo(writer.Reserve(StunAttribute.XorMappedAddress, length));
        return writer.Finish(key);
    }

    /// <summary>A refusal (RFC 8489 §6.3.4), signed where the request was authentic. Returns its length.</summary>
    public static int WriteError(
        Span<byte> buffer,
        ReadOnlySpan<byte> transactionId,
        int code,
        StunKey? key = null,
        StunUnknown unknown = default
    )
    {
        var writer = new StunWriter(buffer, StunClass.Error, transactionId);
        var reason = Reason(code);
        var error = writer.Reserve(StunAttribute.ErrorCode, 4 + reason.Length);
        error[..2].Clear();
        error[2] = (byte)(code / 100);
        error[3] = (byte)(code % 100);
        reason.CopyTo(error[4..]);
        if (unknown.Count > 0)
        {
            var types = writer.Reserve(StunAttribute.UnknownAttributes, 2 * unknown.Count);
            for (var i = 0; i < unknown.Count; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(types[(2 * i)..], unknown[i]);
            }
        }

        return writer.Finish(key);
    }

    private static ReadOnlySpan<byte> Reason(int code) =>
        code switch
        {
            StunError.BadRequest => "Bad Request"u8,
            StunError.Unauthenticated => "Unauthenticated"u8,
            StunError.UnknownAttribute => "Unknown Attribute"u8,
            StunError.RoleConflict => "Role Conflict"u8,
            _ => default,
        };

    private void AddText(ushort type, string text) =>
        Encoding.UTF8.GetBytes(text, Reserve(type, Encoding.UTF8.GetByteCount(text)));

    private void AddUInt32(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(type, 4), value);

    private void AddUInt64(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(type, 8), value);

    private int Finish(StunKey? key)
    {
        if (key is not null)
        {
            // The header's length counts the attribute that is being made, and none behind it (RFC 8489 §14.5).
            var signedLength = _length;
            var hash = Reserve(StunAttribute.MessageIntegrity, StunMessage.IntegrityLength);
            WriteLength();
            key.Sign(_buffer[..signedLength], hash);
        }

        var coveredLength = _length;
        var fingerprint = Reserve(StunAttribute.Fingerprint, 4);
        WriteLength();
        var crc = Crc32.Compute(_buffer[..coveredLength]) ^ StunMessage.FingerprintMask;
        BinaryPrimitives.WriteUInt32BigEndian(fingerprint, crc);
        return _length;
    }

    private readonly void WriteLength() =>
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderLength));

    private Span<byte> Reserve(ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)length);
        var start = _length + StunMessage.AttributeHeaderLength;
        var padded = (length + 3) & ~3;
        _buffer.Slice(start + length, padded - length).Clear();
        _length = start + padded;
        return _buffer.Slice(start, length);
    }
}

/// <summary>What a connectivity check says.</summary>
/// <param name="Username">The receiver's fragment, a colon, the sender's.</param>
/// <param name="Priority">The priority of the candidate that the check would discover (RFC 8445 §7.1.1).</param>
/// <param name="IsControlling">The sender's role.</param>
/// <param name="TieBreaker">Random, the same in all checks of a session.</param>
/// <param name="UseCandidate">Nominates the pair.</param>
public readonly record struct StunCheck(
    string Username,
    uint Priority,
    bool IsControlling,
    ulong TieBreaker,
    bool UseCandidate
);
