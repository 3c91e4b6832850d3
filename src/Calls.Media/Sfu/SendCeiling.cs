using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>The most that one session may send. What is beyond goes no further, so that a client that floods costs its call and the others one decryption a packet, and nobody's line more than this.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SendCeiling()
{
    /// <summary>RTP and RTCP packets: those of the shortest frames that Opus has (2.5 ms), eight times as many as clients send. Also what may come at once: a network that stood still lets a second go.</summary>
    public const int PacketsPerSecond = 400;

    /// <summary>Bytes of these: Opus at its highest rate (510 kbit/s) with each frame in two more packets (RED), and a second of it at once.</summary>
    public const int BytesPerSecond = 200_000;

    private TokenBucket _packets = new(PacketsPerSecond, PacketsPerSecond);
    private TokenBucket _bytes = new(BytesPerSecond, BytesPerSecond);

    /// <summary>Whether a packet may go on; then it is counted. A large one that may not counts as a packet all the same.</summary>
    public bool TryPass(int bytes, TimeSpan now) => _packets.TryTake(now) && _bytes.TryTake(now, bytes);
}
