using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>
/// When packets arrived, for the sender's estimate of the bandwidth: transport-wide congestion control
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
/// </summary>
public static class TransportFeedback
{
    /// <summary>Arrival times count in these, a quarter of a millisecond; differences that fit one byte take one.</summary>
    public static readonly TimeSpan Unit = TimeSpan.FromMicroseconds(250);

    /// <summary>In place of the arrival time of a packet that did not come.</summary>
    public const long NotReceived = -1;

    /// <summary>Most packets of one feedback: more than a tenth of a second of anything that is sent here.</summary>
    public const int MaxPackets = 128;

    private const int HeaderLength = 16; // with both SSRCs
    private const int PerReference = 256; // units in 64 ms, in which the reference time counts
    private const int PerChunk = 7; // symbols of two bits
    private const int LongestRun = 0x1FFF;

    private enum Symbol
    {
        NotReceived,
        Small,
        Large,
    }

    /// <summary>Adds a feedback.</summary>
    /// <param name="writer">The compound.</param>
    /// <param name="ssrc">Who tells it.</param>
    /// <param name="mediaSsrc">Some stream of the sender's.</param>
    /// <param name="first">The number of the first packet.</param>
    /// <param name="count">Counts the feedbacks themselves.</param>
    /// <param name="arrivals">When each packet came, in <see cref="Unit"/>s, or <see cref="NotReceived"/>; at least one came.</param>
    public static void AddTransportFeedback(
        this ref RtcpWriter writer,
        uint ssrc,
        uint mediaSsrc,
        ushort first,
        byte count,
        scoped ReadOnlySpan<long> arrivals
    )
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arrivals.Length, MaxPackets);
        Span<byte> text = stackalloc byte[HeaderLength + (2 * MaxPackets) + (2 * MaxPackets)];
        var reference = FirstOf(arrivals) / PerReference;
        BinaryPrimitives.WriteUInt32BigEndian(text, ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(text[4..], mediaSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(text[8..], first);
        BinaryPrimitives.WriteUInt16BigEndian(text[10..], (ushort)arrivals.Length);
        BinaryPrimitives.WriteUInt32BigEndian(text[12..], ((uint)(reference & 0xFF_FFFF) << 8) | count);
        Span<Symbol> symbols = stackalloc Symbol[MaxPackets];
        Span<byte> deltas = stackalloc byte[2 * MaxPackets];
        var deltasLength = WriteDeltas(deltas, symbols, reference * PerReference, arrivals);
        var length = HeaderLength + WriteChunks(text[HeaderLength..], symbols[..arrivals.Length]);
        deltas[..deltasLength].CopyTo(text[length..]);
        length += deltasLength;
        text[length..].Clear();
        length = (length + 3) & ~3;
        text[..length].CopyTo(writer.Begin(RtcpType.TransportFeedback, 15, length));
    }

    /// <summary>Reads a feedback: how many packets it tells of, and how many of those came. False when it does not hold together.</summary>
    /// <param name="packet">One of the kind <see cref="FeedbackKind.TransportWide"/>.</param>
    /// <param name="first">The number of the first packet.</param>
    /// <param name="arrivals">Takes the arrivals as they were written; those beyond its length are counted only.</param>
    /// <param name="packets">How many packets it tells of.</param>
    public static bool TryReadTransportFeedback(
        this in RtcpPacket packet,
        out ushort first,
        scoped Span<long> arrivals,
        out int packets
    )
    {
        (first, packets) = (0, 0);
        var body = packet.Body;
        if (packet.Feedback != FeedbackKind.TransportWide || body.Length < HeaderLength)
        {
            return false;
        }
        first = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        packets = Math.Min(arrivals.Length, BinaryPrimitives.ReadUInt16BigEndian(body[10..]));
        if (packets < BinaryPrimitives.ReadUInt16BigEndian(body[10..]))
        {
            return false; // of more than anybody sends between two feedbacks
        }
        var offset = HeaderLength;
        Span<Symbol> symbols = stackalloc Symbol[MaxPackets];
        return packets <= MaxPackets
            && TryReadChunks(body, ref offset, symbols[..packets])
            && TryReadDeltas(
                body[offset..],
                symbols[..packets],
                (BinaryPrimitives.ReadUInt32BigEndian(body[12..]) >> 8) * (long)PerReference,
                arrivals
            );
    }

    private static long FirstOf(ReadOnlySpan<long> arrivals)
    {
        foreach (var arrival in arrivals)
        {
            if (arrival != NotReceived)
            {
                return arrival;
            }
        }
        throw new ArgumentException("None of the packets came.", nameof(arrivals));
    }

    private static int WriteDeltas(Span<byte> deltas, Span<Symbol> symbols, long before, ReadOnlySpan<long> arrivals)
    {
        var length = 0;
        for (var i = 0; i < arrivals.Length; i++)
        {
            if (arrivals[i] == NotReceived)
            {
                symbols[i] = Symbol.NotReceived;
                continue;
            }
            var delta = arrivals[i] - before;
            before = arrivals[i];
            if (delta is >= 0 and <= byte.MaxValue)
            {
                symbols[i] = Symbol.Small;
                deltas[length++] = (byte)delta;
                continue;
            }
            symbols[i] = Symbol.Large;
            // Eight seconds either way; nobody waits so long with a feedback.
            BinaryPrimitives.WriteInt16BigEndian(
                deltas[length..],
                (short)Math.Clamp(delta, short.MinValue, short.MaxValue)
            );
            length += 2;
        }
        return length;
    }

    // A run of equal symbols in one word (section 3.1.3) where it is longer than what a word of seven symbols holds (section 3.1.4).
    private static int WriteChunks(Span<byte> chunks, ReadOnlySpan<Symbol> symbols)
    {
        var length = 0;
        while (!symbols.IsEmpty)
        {
            var run = 1;
            while (run < symbols.Length && symbols[run] == symbols[0])
            {
                run++;
            }
            int chunk;
            var taken = Math.Min(PerChunk, symbols.Length);
            if (run >= taken)
            {
                taken = Math.Min(run, LongestRun);
                chunk = ((int)symbols[0] << 13) | taken;
            }
            else
            {
                chunk = 0xC000;
                for (var i = 0; i < taken; i++)
                {
                    chunk |= (int)symbols[i] << (12 - (2 * i));
                }
            }
            BinaryPrimitives.WriteUInt16BigEndian(chunks[length..], (ushort)chunk);
            length += 2;
            symbols = symbols[taken..];
        }
        return length;
    }

    private static bool TryReadChunks(ReadOnlySpan<byte> body, ref int offset, Span<Symbol> symbols)
    {
        for (var read = 0; read < symbols.Length; offset += 2)
        {
            if (offset + 2 > body.Length)
            {
                return false;
            }
            var chunk = BinaryPrimitives.ReadUInt16BigEndian(body[offset..]);
            var isRun = (chunk & 0x8000) == 0;
            var isTwoBits = (chunk & 0x4000) != 0;
            var count =
                isRun ? chunk & LongestRun
                : isTwoBits ? PerChunk
                : 2 * PerChunk;
            if (isRun && count == 0)
            {
                return false;
            }
            for (var i = 0; i < count && read < symbols.Length; i++)
            {
                var symbol =
                    isRun ? (chunk >> 13) & 3
                    : isTwoBits ? (chunk >> (12 - (2 * i))) & 3
                    : (chunk >> (13 - i)) & 1;
                symbols[read++] = (Symbol)symbol;
            }
        }
        return true;
    }

    private static bool TryReadDeltas(
        ReadOnlySpan<byte> deltas,
        ReadOnlySpan<Symbol> symbols,
        long before,
        Span<long> arrivals
    )
    {
        for (var i = 0; i < symbols.Length; i++)
        {
            var length = (int)symbols[i];
            if (length > deltas.Length || length > 2)
            {
                return false;
            }
            before += length switch
            {
                1 => deltas[0],
                2 => BinaryPrimitives.ReadInt16BigEndian(deltas),
                _ => 0,
            };
            arrivals[i] = length == 0 ? NotReceived : before;
            deltas = deltas[length..];
        }
        return true;
    }
}
