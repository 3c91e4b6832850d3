using System.Globalization;

namespace Calls.Bench.Media.Measure;

/// <summary>So many rooms of so many, of whom the first ones speak and all listen.</summary>
internal sealed record Workload(int Rooms, int Size, int Speakers)
{
    private const int MaxSize = 25; // calls.policy.max_participants

    /// <summary>Rooms in which everybody speaks.</summary>
    public Workload(int rooms, int size)
        : this(rooms, size, size) { }

    public int Participants => Rooms * Size;

    /// <summary>Packets that come of one.</summary>
    public int Copies => Size - 1;

    /// <summary>The numbers of those who speak.</summary>
    public IReadOnlyList<int> Voices =>
        [.. Enumerable.Range(0, Rooms).SelectMany(room => Enumerable.Range(room * Size, Speakers))];

    /// <summary>Reads <c>50x5</c>, or <c>20x25:3</c> where three speak in each.</summary>
    public static bool TryParse(string text, out Workload workload)
    {
        workload = new Workload(0, 0);
        var parts = text.Split('x', ':');
        var numbers = parts.Select(part => Number(part)).ToArray();
        if (
            numbers is not ([> 0, >= 2 and <= MaxSize] or [> 0, >= 2 and <= MaxSize, > 0])
            || numbers[^1] > (numbers.Length == 3 ? numbers[1] : MaxSize)
        )
            return false;
        workload = new Workload(numbers[0], numbers[1], numbers.Length == 3 ? numbers[2] : numbers[1]);
        return workload.ToString() == text;
    }

    public override string ToString() => Speakers == Size ? $"{Rooms}x{Size}" : $"{Rooms}x{Size}:{Speakers}";

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
