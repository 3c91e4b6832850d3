namespace Calls.Media.Tests.Sfu;

/// <summary>One packet as it came out of SRTP.</summary>
internal sealed record HeardPacket(
    ushort Sequence,
    uint Timestamp,
    byte PayloadType,
    bool Marker,
    string Payload,
    byte[] Bytes,
    int Level,
    string? Mid,
    int TransportNumber,
    TimeSpan At
)
{
    public string Speaker => Payload.Split('#')[0];
    public int Number => int.Parse(Payload.Split('#')[1]);
    public int Order => Sequence;
}
