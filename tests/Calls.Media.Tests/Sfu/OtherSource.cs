using Calls.Media.Srtp;

namespace Calls.Media.Tests.Sfu;

/// <summary>What a client sends beside its voice, as a camera would.</summary>
internal sealed class OtherSource(string mid, byte payloadType, uint ssrc, int size)
{
    public SrtpStream Stream;
    public ushort Sequence = 1_000;
    public uint Timestamp = 90_000;

    public string Mid => mid;
    public byte PayloadType => payloadType;
    public uint Ssrc => ssrc;
    public int Size => size;
    public int Shown { get; set; }
}
