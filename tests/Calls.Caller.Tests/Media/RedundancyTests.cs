using Calls.Caller.Media;
using Calls.Media.Rtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Caller.Tests.Media;

/// <summary>Packets that repeat earlier frames (RFC 2198).</summary>
public class RedundancyTests
{
    private const int FrameUnits = 960;

    private readonly byte[] _payload = new byte[2_000];

    [Fact]
    public void Each_payload_repeats_the_frames_before_it_and_ends_with_its_own()
    {
        var earlier = new EarlierFrames(2);
        Write(earlier, 0, 10).ToArray().ShouldBe([111, 10]);
        Write(earlier, 1, 11);
        var third = Write(earlier, 2, 12).ToArray();

        Find(third, 0).ShouldBe([12]);
        Find(third, 1).ShouldBe([11]);
        Find(third, 2).ShouldBe([10]);
        Find(third, 3).ShouldBeNull();

        // The server's reader is another one, and sees the same.
        RedPayload.TryFindPrimary(third, out var primary).ShouldBeTrue();
        primary.ToArray().ShouldBe([12]);
    }

    [Fact]
    public void What_lies_too_far_back_or_does_not_fit_is_left_out()
    {
        var earlier = new EarlierFrames(2);
        Write(earlier, 0, 10);
        Find(Write(earlier, 18, 11).ToArray(), 18).ShouldBeNull("14 bits hold 17 frames");

        earlier.Clear();
        earlier.Keep(0, new byte[1_100]);
        Find(Write(earlier, 1, 12).ToArray(), 1).ShouldBeNull("10 bits hold 1,023 bytes");

        earlier.Clear();
        earlier.Keep(0, new byte[600]);
        earlier.Keep(FrameUnits, new byte[600]);
        var payload = Write(earlier, 2, 13).ToArray();
        payload.Length.ShouldBeLessThanOrEqualTo(EarlierFrames.MaxPayload);
        Find(payload, 1)!.Length.ShouldBe(600);
        Find(payload, 2).ShouldBeNull();
    }

    [Fact]
    public void Any_bytes_at_all_are_read_without_an_exception()
    {
        Prop.ForAll<byte[], byte>(
                (bytes, back) =>
                {
                    var found = RedFrames.TryFind(bytes, (uint)(back % 4 * FrameUnits), out var frame);
                    return found ? frame.Length <= bytes.Length : frame.IsEmpty;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private ReadOnlySpan<byte> Write(EarlierFrames earlier, int frame, byte content)
    {
        var timestamp = (uint)(frame * FrameUnits);
        var length = earlier.Write(_payload, 111, timestamp, [content]);
        earlier.Keep(timestamp, [content]);
        return _payload.AsSpan(0, length);
    }

    private static byte[]? Find(byte[] payload, int framesBack) =>
        RedFrames.TryFind(payload, (uint)(framesBack * FrameUnits), out var frame) ? frame.ToArray() : null;
}
