using System.Diagnostics;

namespace Calls.Caller.Opus;

/// <summary>Makes samples of one stream's packets.</summary>
public sealed unsafe class OpusDecoder : IDisposable
{
    private readonly OpusDecoderHandle _decoder;

    /// <summary>A decoder for one stream.</summary>
    public OpusDecoder()
    {
        OpusLibrary.Require();
        _decoder = new OpusDecoderHandle(OpusLibrary.opus_decoder_create(OpusFormat.SampleRate, 1, out var error));
        if (error != OpusLibrary.Ok)
        {
            throw new UnreachableException($"libopus makes no decoder: error {error}.");
        }
    }

    /// <summary>Decodes a packet. False when it is none that Opus could have made.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="samples">Room for <see cref="OpusFormat.MaxPacketSamples"/>.</param>
    /// <param name="count">How many samples came out.</param>
    public bool TryDecode(ReadOnlySpan<byte> packet, Span<short> samples, out int count)
    {
        count = packet.IsEmpty ? -1 : Decode(packet, samples, samples.Length, fec: 0);
        return count > 0;
    }

    /// <summary>Makes up a frame that was lost; from the copy in the packet behind it if there is one, else by going on as before.</summary>
    public int Conceal(ReadOnlySpan<byte> next, Span<short> samples) =>
        Math.Max(0, Decode(next, samples, OpusFormat.FrameSamples, fec: next.IsEmpty ? 0 : 1));

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private int Decode(ReadOnlySpan<byte> packet, Span<short> samples, int frameSize, int fec)
    {
        ObjectDisposedException.ThrowIf(_decoder.IsClosed, this);
        fixed (byte* data = packet)
        fixed (short* pcm = samples)
        {
            return OpusLibrary.opus_decode(_decoder.DangerousGetHandle(), data, packet.Length, pcm, frameSize, fec);
        }
    }
}
