using Calls.Media.Srtp;

namespace Calls.Media.Tests.Srtp;

public class SrtpAllocationTests
{
    public static TheoryData<string> Profiles => SrtpPair.ProfileNames;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Nothing_is_allocated_for_a_packet(string profile)
    {
        if (!AesInstructions.IsSupported)
        {
            return; // the framework's block cipher makes objects for every call
        }

        var pair = SrtpPair.Of(profile);
        var stream = new SrtpStream();
        var plain = SrtpPair.Plain(0);
        var buffer = new byte[200];
        Exchange(0, 300);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(300, 1000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Exchange(int from, int to)
        {
            var taken = 0;
            for (var n = from; n < to; n++)
            {
                plain.CopyTo(buffer, 0);
                Media.Rtp.RtpHeader.SetSequenceNumber(buffer, (ushort)n);
                var length = pair.Sender.Protect(ref stream, buffer, plain.Length);
                taken += pair.Receiver.TryUnprotect(buffer.AsSpan(0, length), out _) ? 1 : 0;
                length = pair.Sender.ProtectRtcp(buffer, 32);
                taken += pair.Receiver.TryUnprotectRtcp(buffer.AsSpan(0, length), out _) ? 1 : 0;
            }

            if (taken != 2 * (to - from))
            {
                throw new InvalidOperationException("A packet was refused.");
            }
        }
    }
}
