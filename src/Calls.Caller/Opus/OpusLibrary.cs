using System.Runtime.InteropServices;

namespace Calls.Caller.Opus;

/// <summary>The system's libopus (RFC 6716), as far as a caller needs it.</summary>
internal static unsafe partial class OpusLibrary
{
    public const string Name = "libopus.so.0";

    public const int Ok = 0;
    public const int ApplicationVoip = 2048;
    public const int SetBitrate = 4002;
    public const int SetComplexity = 4010;
    public const int SetInbandFec = 4012;
    public const int SetPacketLossPercentage = 4014;
    public const int SetDtx = 4016;

    /// <summary>Asks for the library once, so that its absence is told as what it is.</summary>
    /// <exception cref="OpusMissingException">It is not on this machine.</exception>
    public static void Require(string name = Name)
    {
        if (!NativeLibrary.TryLoad(name, out _))
        {
            throw new OpusMissingException(name);
        }
    }

    [LibraryImport(Name)]
    public static partial nint opus_encoder_create(int sampleRate, int channels, int application, out int error);

    [LibraryImport(Name)]
    public static partial void opus_encoder_destroy(nint encoder);

    [LibraryImport(Name)]
    public static partial int opus_encode(nint encoder, short* pcm, int frameSize, byte* data, int maxBytes);

    // Variadic in C; with one int behind the fixed arguments both calling conventions of Linux agree.
    [LibraryImport(Name)]
    public static partial int opus_encoder_ctl(nint encoder, int request, int value);

    [LibraryImport(Name)]
    public static partial nint opus_decoder_create(int sampleRate, int channels, out int error);

    [LibraryImport(Name)]
    public static partial void opus_decoder_destroy(nint decoder);

    [LibraryImport(Name)]
    public static partial int opus_decode(
        nint decoder,
        byte* data,
        int length,
        short* pcm,
        int frameSize,
        int decodeFec
    );
}

/// <summary>The system's Opus library is not there: callers can neither speak nor listen.</summary>
public sealed class OpusMissingException(string name)
    : Exception($"{name} is not on this machine: install Opus (Debian's and Ubuntu's package libopus0)");

/// <summary>An encoder's state.</summary>
internal sealed class OpusEncoderHandle(nint encoder) : SafeHandle(encoder, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpusLibrary.opus_encoder_destroy(handle);
        return true;
    }
}

/// <summary>A decoder's state.</summary>
internal sealed class OpusDecoderHandle(nint decoder) : SafeHandle(decoder, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpusLibrary.opus_decoder_destroy(handle);
        return true;
    }
}
