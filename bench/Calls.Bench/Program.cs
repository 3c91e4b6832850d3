using System.Diagnostics;
using System.Globalization;
using Calls.Bench;
using Calls.Media.Srtp;

// What one forwarded packet costs in the data plane: unprotect once, and per receiver rewrite and protect. No sockets.
const int packetsPerRound = 4_000; // received ones, from all senders of a room in turn
const int warmUps = 15; // until the JIT has compiled everything for good
const int rounds = 25; // the median of these

(int People, bool HasFeedback)[] rooms = [(2, false), (5, false), (10, false), (2, true), (5, true), (10, true)];

Console.WriteLine(
    "profile                    room   feedback   ns per packet out   packets out/s   bytes allocated per packet   KB held per participant"
);
foreach (var profile in (SrtpProfile[])[SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1Tag80])
{
    foreach (var (people, hasFeedback) in rooms)
    {
        var held = BenchRoom.MeasureMemory(profile, people, hasFeedback);
        var room = new BenchRoom(profile, people, hasFeedback);
        var times = new List<double>();
        long allocated = 0;
        for (var round = 0; round < warmUps + rounds; round++)
        {
            room.Prepare(packetsPerRound);
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var sent = room.Forward();
            var elapsed = Stopwatch.GetElapsedTime(start);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            // Feedback to the senders comes on top, each tenth of a second: with one packet in 40.
            var forwarded = packetsPerRound * (people - 1);
            if (sent < forwarded || sent > forwarded + (hasFeedback ? (packetsPerRound / 40) + people : 0))
            {
                throw new InvalidOperationException($"{sent} packets came out");
            }
            if (round >= warmUps)
            {
                times.Add(elapsed.TotalNanoseconds / sent);
                allocated += bytes;
            }
        }
        times.Sort();
        var median = times[times.Count / 2];
        var perPacket = (double)allocated / ((long)rounds * packetsPerRound * (people - 1));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{profile, -24} {people, 6} {(hasFeedback ? "yes" : "no"), 10} {median, 19:F0} {1e9 / median, 15:F0} {perPacket, 28:F2} {held / 1_024, 25:F1}"
            )
        );
    }
}
