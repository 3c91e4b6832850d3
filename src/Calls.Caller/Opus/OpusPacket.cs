namespace Calls.Caller.Opus;

/// <summary>What can be seen of an Opus packet without decoding it.</summary>
internal static class OpusPacket
{
    private const int CodeMask = 3;
    private const int StereoFlag = 4;
    private const byte PaddingFlag = 0x40;
    private const int FirstCeltOnly = 16; // RFC 6716 §3.1: configurations from here on have no SILK layer

    /// <summary>
    /// Whether the packet carries a coarse copy of the frame before it: the LBRR flag of its first SILK frame (RFC 6716 §4.2.3 and
    /// §4.2.4). For the packets that a caller makes: one frame of at most 20 ms, mono.
    /// </summary>
    public static bool CarriesFrameBefore(ReadOnlySpan<byte> packet)
    {
        if (packet.IsEmpty || packet[0] >> 3 >= FirstCeltOnly || (packet[0] & StereoFlag) != 0)
        {
            return false;
        }

        // Both flags have even odds, so that the range coder leaves them as they are: the first bit says voice, the second one LBRR.
        var frame = FirstFrame(packet);
        return !frame.IsEmpty && (frame[0] & 0x40) != 0;
    }

    // RFC 6716 §3.2: code 0 is one frame; code 3 has a count, and then may have the length of its padding, in steps of 254.
    private static ReadOnlySpan<byte> FirstFrame(ReadOnlySpan<byte> packet)
    {
        if ((packet[0] & CodeMask) == 0)
        {
            return packet[1..];
        }

        if ((packet[0] & CodeMask) != CodeMask || packet.Length < 2 || (packet[1] & 0x3F) != 1)
        {
            return default;
        }

        var (offset, padding) = (2, 0);
        if ((packet[1] & PaddingFlag) != 0)
        {
            byte step;
            do
            {
                if (offset == packet.Length)
                {
                    return default;
                }

                step = packet[offset++];
                padding += step == 255 ? 254 : step;
            } while (step == 255);
        }

        return packet.Length - offset - padding > 0 ? packet[offset..^padding] : default;
    }
}
