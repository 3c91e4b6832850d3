using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

public sealed class PacketHistoryTests
{
    private readonly PacketHistory _history = new();

    [Fact]
    public void Packets_of_any_size_are_found_as_they_were_or_not_at_all()
    {
        var random = new Random(7);
        var known = new Dictionary<uint, byte[]>();
        for (var i = 0; i < 5_000; i++)
        {
            var payload = new byte[random.Next(0, random.Next(2) == 0 ? 200 : 1_300)];
            random.NextBytes(payload);
            var number = Add(payload, level: i % 128);
            known[number] = payload;
            var back = (uint)random.Next(0, 100);
            if (_history.TryFind(number - back, out var found))
            {
                found.Payload.SequenceEqual(known[number - back]).ShouldBeTrue();
                back.ShouldBeLessThan((uint)PacketHistory.Capacity);
            }
            _history.TryFind(number, out found).ShouldBeTrue();
            found.Level.ShouldBe(i % 128);
        }
    }

    [Fact]
    public void A_seconds_sound_is_kept_and_no_more_than_the_bound()
    {
        var numbers = Enumerable.Range(0, 200).Select(_ => Add(new byte[100])).ToList();
        var kept = numbers.Count(number => _history.TryFind(number, out _));
        kept.ShouldBe(PacketHistory.Capacity);
        numbers = [.. Enumerable.Range(0, 200).Select(_ => Add(new byte[1_200]))];
        kept = numbers.Count(number => _history.TryFind(number, out _));
        kept.ShouldBeInRange(5, PacketHistory.Bytes / 1_200);
    }

    [Fact]
    public void What_was_never_there_is_not_found()
    {
        _history.TryFind(0, out _).ShouldBeFalse();
        _history.TryFind(1, out _).ShouldBeFalse();
        Add(new byte[PacketHistory.Bytes + 1]).ShouldBe(0u);
    }

    private uint Add(byte[] payload, int level = 1) =>
        _history.Add(
            new MediaPacket
            {
                Format = PayloadFormat.Plain,
                Marker = false,
                Level = level,
                Payload = payload,
            }
        );
}
