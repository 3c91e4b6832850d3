using System.Buffers.Binary;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Rtp;
using Calls.Media.Srtp;

namespace Calls.Fuzz.Targets;

/// <summary>SRTP and SRTCP by each profile: what was changed after it was protected is refused and left as it is, what was changed before comes back as it was sent, and the stream beside it goes on.</summary>
/// <param name="isRtcp">Which of the two.</param>
internal sealed class SrtpTarget(bool isRtcp) : FuzzTarget
{
    private const int Head = 6; // profile, what is done, and the seed of the change

    private readonly Corpus _foreign = Corpus.Load(isRtcp ? "srtcp" : "srtp");
    private readonly Line[] _lines = [.. SrtpProfile.Preferred.Select(profile => new Line(profile))];

    public override string Name => isRtcp ? "srtcp" : "srtp";

    // Each sender's table of sources doubles now and then.
    public override long MaxAllocated(int length) => 16 * 1024;

    public override object State => _lines.Select(line => line.Receiver).ToArray();
    public override long MaxState => 32 * 1024;

    /// <summary>Plain packets of the other folder are what is protected.</summary>
    public override byte[] Make(Random chance, Corpus corpus)
    {
        var mode = (Mode)chance.Next(3);
        var packet = (mode == Mode.Foreign ? _foreign : corpus).Pick(chance);
        if (mode == Mode.ChangedBefore)
        {
            packet = isRtcp
                ? RtcpBytes.Mutate(chance, packet, corpus.Entries)
                : RtpBytes.Mutate(chance, packet, corpus.Entries);
        }
        var head = new byte[Head];
        chance.NextBytes(head);
        (head[0], head[1]) = ((byte)(head[0] % _lines.Length), (byte)mode);
        return [.. head, .. packet];
    }

    public override string CorpusName => isRtcp ? "rtcp" : "rtp";

    public override void Run(byte[] input, Meter meter)
    {
        if (input.Length < Head)
        {
            return;
        }
        var line = _lines[input[0] % _lines.Length];
        var chance = new Random(BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(2)));
        var plain = input[Head..];
        switch ((Mode)(input[1] % 3))
        {
            case Mode.Foreign: // protected under another key, or not at all
                Refused(line, plain, meter);
                break;
            case Mode.ChangedBefore when line.Protect(plain, isRtcp) is { } sealedPacket:
                Returned(line, sealedPacket, plain, meter);
                break;
            case Mode.ChangedAfter when line.ProtectNext(isRtcp) is var next:
                var changed = Bytes.Mutate(chance, (byte[])next.Clone(), [plain.Length > 0 ? plain : [0]]);
                if (!changed.AsSpan().SequenceEqual(next))
                {
                    Refused(line, changed, meter);
                }
                break;
        }
        Require(Open(line, line.ProtectNext(isRtcp), out _), "the stream beside it was refused");
    }

    private void Refused(Line line, byte[] packet, Meter meter)
    {
        var before = (byte[])packet.Clone();
        meter.Start();
        var taken = Open(line, packet, out _);
        meter.Stop();
        Require(!taken, "a forged packet was taken");
        Require(packet.AsSpan().SequenceEqual(before), "a refused packet was changed");
    }

    // It may be refused: a replay, too old, too long, or of one SSRC too many.
    private void Returned(Line line, byte[] sealedPacket, byte[] plain, Meter meter)
    {
        meter.Start();
        var taken = Open(line, sealedPacket, out var length);
        meter.Stop();
        Require(
            !taken || sealedPacket.AsSpan(0, length).SequenceEqual(plain),
            "an authentic packet came back as another one"
        );
    }

    private bool Open(Line line, byte[] packet, out int length) =>
        isRtcp ? line.Receiver.TryUnprotectRtcp(packet, out length) : line.Receiver.TryUnprotect(packet, out length);

    private enum Mode
    {
        Foreign,
        ChangedBefore,
        ChangedAfter,
    }

    /// <summary>A sender and a receiver with the same keys.</summary>
    private sealed class Line
    {
        private readonly SrtpSender _sender;
        private SrtpStream _stream;
        private ushort _sequence = 1;

        public Line(SrtpProfile profile)
        {
            var keys = SrtpKeys.Split(profile, new byte[profile.ExportLength]).Client;
            _sender = new SrtpSender(keys);
            Receiver = new SrtpReceiver(keys);
        }

        public SrtpReceiver Receiver { get; }

        /// <summary>The next packet of the stream that goes on all the time.</summary>
        public byte[] ProtectNext(bool isRtcp)
        {
            byte[] plain = isRtcp ? [0x80, 201, 0, 1, 0, 0, 0, 9] : new byte[40];
            if (!isRtcp)
            {
                (plain[0], plain[1], plain[11]) = (0x80, 111, 9);
                RtpHeader.SetSequenceNumber(plain, _sequence++);
            }
            return Seal(plain, isRtcp, ref _stream);
        }

        /// <summary>Any packet, in a stream of its own; null for one that no sender could send.</summary>
        public byte[]? Protect(byte[] plain, bool isRtcp)
        {
            var stream = default(SrtpStream);
            var canBe = isRtcp ? plain.Length >= 8 : RtpHeader.TryMeasure(plain, out _);
            return canBe ? Seal(plain, isRtcp, ref stream) : null;
        }

        private byte[] Seal(byte[] plain, bool isRtcp, ref SrtpStream stream)
        {
            var buffer = new byte[plain.Length + 32];
            plain.CopyTo(buffer, 0);
            var length = isRtcp
                ? _sender.ProtectRtcp(buffer, plain.Length)
                : _sender.Protect(ref stream, buffer, plain.Length);
            return buffer[..length];
        }
    }
}
