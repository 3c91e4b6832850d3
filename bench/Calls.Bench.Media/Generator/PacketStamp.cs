using System.Buffers.Binary;

namespace Calls.Bench.Media.Generator;

/// <summary>What every packet carries: who sent it, the how manieth it is, and when, by the machine's wall clock, which the kernel's arrival stamps have too.</summary>
/// <param name="Sender">The participant's number.</param>
/// <param name="Number">Counts the sender's packets, from 1.</param>
/// <param name="SentAt">Ticks of <see cref="DateTime.UtcNow"/>.</param>
internal readonly record struct PacketStamp(int Sender, uint Number, long SentAt)
{
    /// <summary>Bytes of payload: 20 ms of Opus at 45 kbit/s.</summary>
    public const int PayloadLength = 112;

    private const byte OpusToc = 0xFC; // 20 ms of fullband, as RFC 6716 section 3.1 numbers it
    private const uint Mark = 0xB37C_4A11;

    /// <summary>Fills a payload.</summary>
    public void Write(Span<byte> payload)
    {
        payload[0] = OpusToc;
        BinaryPrimitives.WriteUInt32BigEndian(payload[1..], Mark);
        BinaryPrimitives.WriteInt32BigEndian(payload[5..], Sender);
        BinaryPrimitives.WriteUInt32BigEndian(payload[9..], Number);
        BinaryPrimitives.WriteInt64BigEndian(payload[13..], SentAt);
        payload[21..PayloadLength].Fill((byte)Number);
    }

    /// <summary>Reads a payload; false unless it is, to the last byte, what a sender wrote.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out PacketStamp stamp)
    {
        stamp = default;
        if (
            payload.Length != PayloadLength
            || payload[0] != OpusToc
            || BinaryPrimitives.ReadUInt32BigEndian(payload[1..]) != Mark
        )
            return false;
        stamp = new PacketStamp(
            BinaryPrimitives.ReadInt32BigEndian(payload[5..]),
            BinaryPrimitives.ReadUInt32BigEndian(payload[9..]),
            BinaryPrimitives.ReadInt64BigEndian(payload[13..])
        );
        return !payload[21..].ContainsAnyExcept((byte)stamp.Number);
    }
}
