using System.Buffers.Binary;

namespace Calls.Media.Stun;

/// <summary>Where an attribute's value lies in its message.</summary>
internal readonly record struct StunField(ushort Offset, ushort Length)
{
    public bool IsPresent => Offset != 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> message) => message.Slice(Offset, Length);
}

/// <summary>One pass over a message's attributes: where the known ones lie. Of an attribute that comes twice the first counts (RFC 8489 §14).</summary>
internal struct StunFields
{
    public StunField Username;
    public StunField Priority;
    public StunField Controlling;
    public StunField Controlled;
    public StunField Integrity;
    public StunField ErrorCode;
    public StunField MappedAddress;
    public StunUnknown Unknown;
    public bool UseCandidate;
    public bool HasFingerprint;

    public static bool TryRead(ReadOnlySpan<byte> message, out StunFields fields)
    {
        fields = default;
        var offset = StunMessage.HeaderLength;
        while (offset < message.Length)
        {
            // The message's length is a multiple of four, so an attribute's header always fits.
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
            offset += StunMessage.AttributeHeaderLength;
            var padded = (length + 3) & ~3;
            if (fields.HasFingerprint || padded > message.Length - offset)
            {
                // FINGERPRINT is the last attribute (§14.7).
                return false;
            }

            if (!fields.TryTake(type, message, new StunField((ushort)offset, (ushort)length)))
            {
                return false;
            }

            offset += padded;
        }

        return true;
    }

    private bool TryTake(ushort type, ReadOnlySpan<byte> message, StunField field)
    {
        if (type == StunAttribute.Fingerprint)
        {
            HasFingerprint = true;
            return field.Length == 4 && IsFingerprintOf(message, field);
        }

        // What follows MESSAGE-INTEGRITY is not signed by it and is ignored (§14.5).
        if (Integrity.IsPresent)
        {
            return true;
        }

        switch (type)
        {
            case StunAttribute.Username:
                return TrySet(ref Username, field, field.Length <= MaxUsernameLength);
            case StunAttribute.Priority:
                return TrySet(ref Priority, field, field.Length == 4);
            case StunAttribute.IceControlling:
                return TrySet(ref Controlling, field, field.Length == 8);
            case StunAttribute.IceControlled:
                return TrySet(ref Controlled, field, field.Length == 8);
            case StunAttribute.MessageIntegrity:
                return TrySet(ref Integrity, field, field.Length == StunMessage.IntegrityLength);
            case StunAttribute.ErrorCode:
                return TrySet(ref ErrorCode, field, field.Length >= 4);
            case StunAttribute.XorMappedAddress:
                return TrySet(ref MappedAddress, field, field.Length is 8 or 20);
            case StunAttribute.UseCandidate:
                UseCandidate = true;
                return field.Length == 0;
            case StunAttribute.MappedAddress:
            case StunAttribute.UnknownAttributes:
            case StunAttribute.Realm:
            case StunAttribute.Nonce:
            case StunAttribute.MessageIntegritySha256:
                return true; // understood, and of no use in ICE
            default:
                if (type < 0x8000)
                {
                    Unknown.Add(type);
                }

                return true;
        }
    }

    // RFC 8489 §14.3: less than 509 bytes.
    private const int MaxUsernameLength = 508;

    private static bool TrySet(ref StunField field, StunField value, bool isWellFormed)
    {
        if (!field.IsPresent)
        {
            field = value;
        }

        return isWellFormed;
    }

    private static bool IsFingerprintOf(ReadOnlySpan<byte> message, StunField field)
    {
        var covered = message[..(field.Offset - StunMessage.AttributeHeaderLength)];
        var expected = Crc32.Compute(covered) ^ StunMessage.FingerprintMask;
        return BinaryPrimitives.ReadUInt32BigEndian(field.Of(message)) == expected;
    }
}
