using System.Buffers.Binary;
using Calls.Media.Stun;

namespace Calls.Media.Ice;

/// <summary>What a check was worth.</summary>
public enum IceCheckResult
{
    /// <summary>Nothing: not for us, forged or ill-formed. No answer, so that nobody can make the server send to strangers.</summary>
    Ignored,

    /// <summary>Authentic, but refused with the error that was written.</summary>
    Refused,

    /// <summary>Authentic and answered.</summary>
    Valid,

    /// <summary>The same, and the client wants this pair to be used.</summary>
    Nominated,
}

/// <summary>The server's half of ICE-lite (RFC 8445 section 2.5): it answers checks and never sends any.</summary>
public static class IceLite
{
    /// <summary>The session that a datagram claims to be a check for: the fragment in its USERNAME, which is ours and a colon before the client's (RFC 8445 section 7.2.2).</summary>
    public static bool TryReadUfrag(ReadOnlySpan<byte> datagram, out IceUfrag ufrag)
    {
        ufrag = default;
        return StunMessage.TryParse(datagram, out var message)
            && message.Class == StunClass.Request
            && message.Method == StunMessage.BindingMethod
            && message.Username.Length > IceCredentials.UfragLength
            && message.Username[IceCredentials.UfragLength] == ':'
            && IceUfrag.TryRead(message.Username[..IceCredentials.UfragLength], out ufrag);
    }

    /// <summary>Judges a check by the session's password, and writes the answer.</summary>
    public static IceCheckResult Answer(
        ReadOnlySpan<byte> datagram,
        IceCredentials credentials,
        NetworkPath from,
        Span<byte> response,
        out int length
    )
    {
        length = 0;
        if (!StunMessage.TryParse(datagram, out var check) || !check.VerifyIntegrity(credentials.Key))
        {
            return IceCheckResult.Ignored;
        }
        if (check.Unknown.Count > 0)
        {
            length = StunWriter.WriteError(
                response,
                check.TransactionId,
                StunError.UnknownAttribute,
                credentials.Key,
                check.Unknown
            );
            return IceCheckResult.Refused;
        }
        if (check.IceControlled is not null)
        {
            // A lite agent is always the controlled one (RFC 8445 section 6.1.1): let the client change its role.
            length = StunWriter.WriteError(response, check.TransactionId, StunError.RoleConflict, credentials.Key);
            return IceCheckResult.Refused;
        }
        length = StunWriter.WriteSuccess(response, check.TransactionId, from.Remote.ToEndPoint(), credentials.Key);
        return check.UseCandidate ? IceCheckResult.Nominated : IceCheckResult.Valid;
    }
}

/// <summary>A user name fragment of ours as a number: a key that costs no allocation.</summary>
public readonly record struct IceUfrag(ulong Value)
{
    /// <summary>The eight characters of a fragment.</summary>
    public static IceUfrag Of(IceCredentials credentials)
    {
        Span<byte> bytes = stackalloc byte[IceCredentials.UfragLength];
        System.Text.Encoding.ASCII.GetBytes(credentials.Ufrag, bytes);
        return new IceUfrag(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
    }

    internal static bool TryRead(ReadOnlySpan<byte> text, out IceUfrag ufrag)
    {
        var read = BinaryPrimitives.TryReadUInt64LittleEndian(text, out var value);
        ufrag = new IceUfrag(value);
        return read;
    }
}
