namespace Calls.Media.Rtp;

/// <summary>The client-to-mixer audio level (RFC 6464): how loud the packet's audio is.</summary>
/// <param name="Voice">Whether the sender believes it to be speech.</param>
/// <param name="Level">0 (loudest) to 127 (silence), in −dBov.</param>
public readonly record struct AudioLevel(bool Voice, byte Level)
{
    /// <summary>The extension's URI.</summary>
    public const string Uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    /// <summary>The level of digital silence.</summary>
    public const byte Silence = 127;

    /// <summary>The extension's value as one byte.</summary>
    public byte ToByte() => (byte)((Voice ? 0x80 : 0) | (Level & 0x7F));

    /// <summary>Reads the extension's value; a two-byte element may carry more than the one byte (§3).</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out AudioLevel level)
    {
        level = value.IsEmpty ? default : new AudioLevel((value[0] & 0x80) != 0, (byte)(value[0] & 0x7F));
        return !value.IsEmpty;
    }
}
