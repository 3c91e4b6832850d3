using Calls.Media.Rtcp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Rtcp;

public sealed class TransportFeedbackTests
{
    private const long Lost = TransportFeedback.NotReceived;

    private readonly byte[] _buffer = new byte[2_048];

    [Fact]
    public void It_is_laid_out_as_the_draft_says()
    {
        // Arrivals in quarters of a millisecond: at 3 times 64 ms, 1 ms and 2 ms later, one lost, one 100 ms later.
        Write(first: 0x1234, count: 7, [768, 772, 776, Lost, 1_176]);
        byte[] expected =
        [
            0x8F,
            205,
            0,
            6, // version 2, format 15, seven words
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            9,
            0x12,
            0x34,
            0,
            5,
            0,
            0,
            3,
            7, // reference time, count
            0b1101_0101,
            0b0010_0000, // a word of two-bit symbols: small, small, small, none, large, (none, none)
            0,
            4,
            4,
            0x01,
            0x90, // 0, 1 and 1 ms; 100 ms
            0,
        ];
        _buffer[.._length].ShouldBe(expected);
    }

    [Fact]
    public void A_long_run_takes_one_word()
    {
        long[] arrivals = [.. Enumerable.Range(0, 100).Select(i => 1_000L + (80 * i))];
        Write(1, 0, arrivals);
        _length.ShouldBe(4 + 16 + 2 + 100 + 2);
        Read().ShouldBe(arrivals);
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        var arrival = Gen.Frequency(
            (4, Gen.Choose(0, 255).Select(delta => (long?)delta)),
            (1, Gen.Choose(-30_000, 30_000).Select(delta => (long?)delta)),
            (2, Gen.Constant((long?)null))
        );
        Prop.ForAll(
                Gen.NonEmptyListOf(arrival).Where(all => all.Any(one => one is not null)).ToArbitrary(),
                deltas =>
                {
                    var at = 100_000_000L;
                    long[] arrivals =
                    [
                        .. deltas
                            .Take(TransportFeedback.MaxPackets)
                            .Select(delta => delta is { } step ? Math.Max(0, at += step) : Lost),
                    ];
                    if (arrivals.All(one => one == Lost))
                    {
                        return true;
                    }
                    Write(65_530, 255, arrivals);
                    // The reference time has 24 bits of 64 ms: what is read counts from there.
                    var base64 = arrivals.First(one => one != Lost) / 256 * 256;
                    var shift = base64 - (base64 / 256 % (1 << 24) * 256);
                    return Read().SequenceEqual(arrivals.Select(one => one == Lost ? Lost : one - shift));
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Bad_bytes_never_throw()
    {
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                {
                    byte[] packet =
                    [
                        0x8F,
                        205,
                        0,
                        (byte)((16 + bytes.Length) / 4),
                        .. new byte[8],
                        .. bytes,
                        .. new byte[16],
                    ];
                    var reader = new RtcpReader(packet);
                    if (reader.TryRead(out var read))
                    {
                        Span<long> arrivals = stackalloc long[TransportFeedback.MaxPackets];
                        read.TryReadTransportFeedback(out _, arrivals, out _);
                    }
                    return true;
                }
            )
            .QuickCheckThrowOnFailure();
    }

    private int _length;

    private void Write(ushort first, byte count, long[] arrivals)
    {
        var writer = new RtcpWriter(_buffer);
        writer.AddTransportFeedback(1, 9, first, count, arrivals);
        _length = writer.Length;
    }

    private long[] Read()
    {
        var reader = new RtcpReader(_buffer.AsSpan(0, _length));
        reader.TryRead(out var packet).ShouldBeTrue();
        var arrivals = new long[TransportFeedback.MaxPackets];
        packet.TryReadTransportFeedback(out _, arrivals, out var count).ShouldBeTrue();
        return arrivals[..count];
    }
}
