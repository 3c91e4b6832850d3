using System.Buffers.Binary;
using System.Net;

namespace Calls.Media.Stun;

/// <summary>A view of a STUN message (RFC 8489 §5) with the attributes that ICE needs (RFC 8445 §7). Reading it checks its form, and the fingerprint if there is one; not yet its integrity.</summary>
public readonly ref struct StunMessage
{
    /// <summary>Length of the header, in bytes.</summary>
    public const int HeaderLength = 20;

    /// <summary>Length of a transaction id, in bytes.</summary>
    public const int TransactionIdLength = 12;

    /// <summary>Longest message that is taken, in bytes: RFC 8489 §6.1 keeps them below the path's MTU, and checks have about 100.</summary>
    public const int MaxLength = 1280;

    /// <summary>The only method of ICE.</summary>
    public const int BindingMethod = 1;

    /// <summary>The fixed word in every message, which tells it from other protocols.</summary>
    internal const uint MagicCookie = 0x2112_A442;

    internal const uint FingerprintMask = 0x5354_554E;
    internal const int AttributeHeaderLength = 4;
    internal const int IntegrityLength = 20;

    private readonly ReadOnlySpan<byte> _message;
    private readonly StunFields _fields;

    private StunMessage(ReadOnlySpan<byte> message, scoped in StunFields fields)
    {
        _message = message;
        _fields = fields;
    }

    /// <summary>Request, indication, success or error.</summary>
    public StunClass Class => (StunClass)(((_message[0] & 1) << 1) | ((_message[1] >> 4) & 1));

    /// <summary>The method: 1 is Binding.</summary>
    public int Method
    {
        get
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_message);
            return (type & 0x000F) | ((type & 0x00E0) >> 1) | ((type & 0x3E00) >> 2);
        }
    }

    /// <summary>What a response repeats.</summary>
    public ReadOnlySpan<byte> TransactionId => _message.Slice(8, TransactionIdLength);

    /// <summary>The user name; in ICE checks the receiver's fragment, a colon, the sender's (RFC 8445 §7.2.2). Empty if there is none.</summary>
    public ReadOnlySpan<byte> Username => _fields.Username.Of(_message);

    /// <summary>The candidate's priority, if told.</summary>
    public uint? Priority =>
        _fields.Priority.IsPresent ? BinaryPrimitives.ReadUInt32BigEndian(_fields.Priority.Of(_message)) : null;

    /// <summary>Whether this pair is nominated.</summary>
    public bool UseCandidate => _fields.UseCandidate;

    /// <summary>The tie-breaker of a sender that is in the controlling role.</summary>
    public ulong? IceControlling => ReadTieBreaker(_fields.Controlling);

    /// <summary>The tie-breaker of a sender that is in the controlled role.</summary>
    public ulong? IceControlled => ReadTieBreaker(_fields.Controlled);

    /// <summary>Whether there is a MESSAGE-INTEGRITY.</summary>
    public bool HasIntegrity => _fields.Integrity.IsPresent;

    /// <summary>Whether there is a FINGERPRINT; a wrong one is not a message at all.</summary>
    public bool HasFingerprint => _fields.HasFingerprint;

    /// <summary>Attributes that must be understood and are not: a request is answered with 420 and these (RFC 8489 §6.3.1). At most <see cref="StunUnknown.Max"/> of them.</summary>
    public StunUnknown Unknown => _fields.Unknown;

    /// <summary>The number of an error response, or 0.</summary>
    public int ErrorCode
    {
        get
        {
            var value = _fields.ErrorCode.Of(_message);
            return value.Length < 4 ? 0 : ((value[2] & 7) * 100) + value[3];
        }
    }

    /// <summary>Reads a message that fills the span.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (
            datagram.Length is < HeaderLength or > MaxLength
            || (datagram[0] & 0xC0) != 0
            || datagram.Length % 4 != 0
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie
            || !StunFields.TryRead(datagram, out var fields)
        )
        {
            return false;
        }

        message = new StunMessage(datagram, fields);
        return true;
    }

    /// <summary>Whether the message was made with this key (RFC 8489 §14.5). False without MESSAGE-INTEGRITY.</summary>
    public bool VerifyIntegrity(StunKey key)
    {
        if (!HasIntegrity)
        {
            return false;
        }

        // Signed is what precedes the attribute, with a length in the header as if the message ended behind it.
        var signedLength = _fields.Integrity.Offset - AttributeHeaderLength;
        Span<byte> signed = stackalloc byte[MaxLength];
        _message[..signedLength].CopyTo(signed);
        var length = signedLength - HeaderLength + AttributeHeaderLength + IntegrityLength;
        BinaryPrimitives.WriteUInt16BigEndian(signed[2..], (ushort)length);
        return key.Verify(signed[..signedLength], _fields.Integrity.Of(_message));
    }

    /// <summary>The address that a response tells us we have.</summary>
    public bool TryGetMappedAddress(out IPEndPoint? address) =>
        StunAddress.TryReadXor(_fields.MappedAddress.Of(_message), TransactionId, out address);

    private ulong? ReadTieBreaker(StunField field) =>
        field.IsPresent ? BinaryPrimitives.ReadUInt64BigEndian(field.Of(_message)) : null;
}
