using Calls.Caller.Opus;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;

namespace Calls.Caller.Media;

/// <summary>Whose source stands on which m-line, as the <c>media_offer</c> says.</summary>
/// <param name="Mid">The line.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c> or <c>screen</c>.</param>
public sealed record OfferedTrack(string Mid, string UserId, string Kind, string Source);

/// <summary>One remote source: what came of it, and what is heard.</summary>
internal sealed class RemoteTrack(OfferedTrack track, uint ssrc) : IDisposable
{
    // More missing packets than this are a pause of the network, over which a made-up sound would only mislead the ear.
    private const int MaxConcealed = 5;

    private readonly OpusDecoder _decoder = new();
    private readonly short[] _samples = new short[OpusFormat.MaxPacketSamples];
    private ushort _next;
    private ReceiverStats _stats = new(OpusFormat.SampleRate);

    public OfferedTrack Track { get; } = track;

    public uint Ssrc { get; } = ssrc;

    public Ear Ear { get; } = new();

    /// <summary>Packets that Opus could not have made.</summary>
    public int Undecodable { get; private set; }

    public ReceiverStats Stats => _stats;

    public void OnSenderReport(NtpTime ntp, TimeSpan now) => _stats.OnSenderReport(ntp, now);

    public ReportBlock MakeReport(TimeSpan now) => _stats.MakeReport(Ssrc, now);

    /// <summary>Takes a packet; true if the ear has something new to tell.</summary>
    public bool OnPacket(in RtpPacket packet, TimeSpan now)
    {
        var isFirst = _stats.Received == 0;
        _stats.OnPacket(packet.SequenceNumber, packet.Timestamp, now);
        var missing = isFirst ? 0 : (short)(packet.SequenceNumber - _next);
        if (missing < 0)
        {
            return false; // its moment has passed
        }

        _next = (ushort)(packet.SequenceNumber + 1);
        var news = false;
        for (; missing is > 0 and <= MaxConcealed; missing--)
        {
            var count = _decoder.Conceal(missing == 1 ? packet.Payload : default, _samples);
            news |= Ear.Listen(_samples.AsSpan(0, count), now);
        }

        if (!_decoder.TryDecode(packet.Payload, _samples, out var decoded))
        {
            Undecodable++;
            return news;
        }

        return Ear.Listen(_samples.AsSpan(0, decoded), now) || news;
    }

    public void Dispose() => _decoder.Dispose();
}
