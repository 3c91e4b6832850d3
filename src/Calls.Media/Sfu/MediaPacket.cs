namespace Calls.Media.Sfu;

/// <summary>What is the same for all receivers of a packet; each gets it under a header of its own.</summary>
internal readonly ref struct MediaPacket
{
    public required PayloadFormat Format { get; init; }
    public required bool Marker { get; init; }

    /// <summary>The audio level as it stands in the extension, or −1.</summary>
    public required int Level { get; init; }

    /// <summary>Without padding.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }
}
