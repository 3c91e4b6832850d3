using Calls.Media.Rtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Rtp;

public sealed class RedPayloadTests
{
    [Fact]
    public void The_present_frame_is_what_follows_the_earlier_ones()
    {
        byte[] payload = [0x80 | 111, 0x0F, 0x00, 2, 0x80 | 111, 0x07, 0x80, 1, 111, 1, 2, 3, 77, 78];
        RedPayload.TryFindPrimary(payload, out var primary).ShouldBeTrue();
        primary.ToArray().ShouldBe([77, 78]);

        RedPayload.SetBlockType(payload, 96);
        payload.ShouldBe([0x80 | 96, 0x0F, 0x00, 2, 0x80 | 96, 0x07, 0x80, 1, 96, 1, 2, 3, 77, 78]);
        RedPayload.TryFindPrimary([111, 9], out primary).ShouldBeTrue("without any earlier frame");
        primary.ToArray().ShouldBe([9]);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80 | 111, 0, 0, 1 })]
    [InlineData(new byte[] { 0x80 | 111, 0, 0 })]
    [InlineData(new byte[] { 0x80 | 111, 0, 0, 2, 111, 1 })]
    public void What_does_not_hold_together_is_refused(byte[] payload) =>
        RedPayload.TryFindPrimary(payload, out _).ShouldBeFalse();

    [Fact]
    public void Whatever_is_taken_can_be_renumbered()
    {
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                payload =>
                {
                    if (RedPayload.TryFindPrimary(payload, out var primary))
                    {
                        var length = primary.Length;
                        RedPayload.SetBlockType(payload, 5);
                        RedPayload.TryFindPrimary(payload, out primary).ShouldBeTrue();
                        primary.Length.ShouldBe(length);
                    }
                    return true;
                }
            )
            .QuickCheckThrowOnFailure();
    }
}
