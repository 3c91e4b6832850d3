using System.Buffers.Binary;
using Calls.Media.Srtp;

namespace Calls.Media.Tests.Srtp;

/// <summary>A sender and a receiver with the same keys, and packets of a known content.</summary>
internal sealed class SrtpPair
{
    public const uint Ssrc = 0x1234_5678;

    private SrtpStream _stream;

    public SrtpPair(SrtpProfile profile)
    {
        var exported = Enumerable.Range(0, profile.ExportLength).Select(n => (byte)(n * 7)).ToArray();
        var keys = SrtpKeys.Split(profile, exported).Client;
        Sender = new SrtpSender(keys);
        Receiver = new SrtpReceiver(keys);
    }

    public static TheoryData<string> ProfileNames => [.. SrtpProfile.Preferred.Select(p => p.Name)];

    public SrtpSender Sender { get; }

    public SrtpReceiver Receiver { get; }

    public static SrtpPair Of(string profileName) => new(SrtpProfile.Preferred.Single(p => p.Name == profileName));

    public static byte[] Plain(ushort sequence, uint ssrc = Ssrc, int payload = 80)
    {
        var packet = new byte[12 + payload];
        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), sequence * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        packet.AsSpan(12).Fill((byte)sequence);
        return packet;
    }

    /// <summary>The next packet of the sender's one stream.</summary>
    public byte[] Send(ushort sequence) => Protect(ref _stream, Plain(sequence));

    public byte[] Protect(ref SrtpStream stream, byte[] plain)
    {
        var buffer = new byte[plain.Length + Sender.Overhead];
        plain.CopyTo(buffer, 0);
        Sender.Protect(ref stream, buffer, plain.Length).ShouldBe(buffer.Length);
        return buffer;
    }

    public byte[] SendRtcp(uint ssrc = Ssrc)
    {
        byte[] plain = [0x80, 201, 0, 1, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(4), ssrc);
        var buffer = new byte[plain.Length + Sender.RtcpOverhead];
        plain.CopyTo(buffer, 0);
        Sender.ProtectRtcp(buffer, plain.Length).ShouldBe(buffer.Length);
        return buffer;
    }

    /// <summary>Whether the receiver takes a copy of the packet.</summary>
    public bool Takes(byte[] packet) => Receiver.TryUnprotect((byte[])packet.Clone(), out _);

    public bool TakesRtcp(byte[] packet) => Receiver.TryUnprotectRtcp((byte[])packet.Clone(), out _);
}
