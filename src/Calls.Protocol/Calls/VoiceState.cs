namespace Calls.Protocol;

/// <summary>What a participant has switched on and off.</summary>
public readonly record struct VoiceFlags(bool Muted, bool Deafened, bool Video, bool Screen);

/// <summary>A wish to change some of <see cref="VoiceFlags"/>; null leaves a flag as it is.</summary>
public sealed record VoiceChange(bool? Muted = null, bool? Deafened = null, bool? Video = null, bool? Screen = null)
{
    /// <summary>Whether anything is asked for at all.</summary>
    public bool IsEmpty => Muted is null && Deafened is null && Video is null && Screen is null;

    /// <summary>The flags after the change.</summary>
    public VoiceFlags ApplyTo(VoiceFlags flags) =>
        new(Muted ?? flags.Muted, Deafened ?? flags.Deafened, Video ?? flags.Video, Screen ?? flags.Screen);
}
