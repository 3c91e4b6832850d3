using System.Diagnostics;

namespace Calls.Caller.Opus;

/// <summary>Makes packets of frames.</summary>
public sealed unsafe class OpusEncoder : IDisposable
{
    /// <summary>A packet of at most this length says only that nothing is said (DTX); it is not sent (RFC 7587 §3.1.3).</summary>
    public const int DtxLength = 2;

    private readonly OpusEncoderHandle _encoder;

    /// <summary>An encoder for speech.</summary>
    public OpusEncoder(OpusSettings settings)
    {
        OpusLibrary.Require();
        var encoder = OpusLibrary.opus_encoder_create(
            OpusFormat.SampleRate,
            1,
            OpusLibrary.ApplicationVoip,
            out var error
        );
        _encoder = new OpusEncoderHandle(encoder);
        Require(error);
        Require(OpusLibrary.opus_encoder_ctl(encoder, OpusLibrary.SetBitrate, settings.Bitrate));
        Require(OpusLibrary.opus_encoder_ctl(encoder, OpusLibrary.SetComplexity, settings.Complexity));
        Require(
            OpusLibrary.opus_encoder_ctl(encoder, OpusLibrary.SetInbandFec, settings.ForwardErrorCorrection ? 1 : 0)
        );
        Require(
            OpusLibrary.opus_encoder_ctl(encoder, OpusLibrary.SetPacketLossPercentage, settings.ExpectedLossPercent)
        );
        Require(OpusLibrary.opus_encoder_ctl(encoder, OpusLibrary.SetDtx, settings.Dtx ? 1 : 0));
    }

    /// <summary>Encodes one frame and returns the packet's length.</summary>
    public int Encode(ReadOnlySpan<short> frame, Span<byte> packet)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(frame.Length, OpusFormat.FrameSamples);
        ObjectDisposedException.ThrowIf(_encoder.IsClosed, this);
        fixed (short* pcm = frame)
        fixed (byte* data = packet)
        {
            var length = OpusLibrary.opus_encode(_encoder.DangerousGetHandle(), pcm, frame.Length, data, packet.Length);
            Require(Math.Min(length, OpusLibrary.Ok));
            return length;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    private static void Require(int error)
    {
        if (error != OpusLibrary.Ok)
        {
            throw new UnreachableException($"libopus refused a setting or a frame: error {error}.");
        }
    }
}
