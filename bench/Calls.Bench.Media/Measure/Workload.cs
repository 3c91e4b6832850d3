using System.Globalization;

namespace Calls.Bench.Media.Measure;

/// <summary>So many rooms of so many; everybody speaks.</summary>
internal sealed record Workload(int Rooms, int Size)
{
    private const int MaxSize = 25; // calls.policy.max_participants

    public int Participants => Rooms * Size;

    /// <summary>Packets that come of one.</summary>
    public int Copies => Size - 1;

    /// <summary>The numbers of a room's participants.</summary>
    public IReadOnlyList<int> Members(int room) => [.. Enumerable.Range(room * Size, Size)];

    /// <summary>Reads <c>50x5</c>.</summary>
    public static bool TryParse(string text, out Workload workload)
    {
        workload = new Workload(0, 0);
        var parts = text.Split('x');
        if (
            parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var rooms)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || rooms < 1
            || size is < 2 or > MaxSize
        )
            return false;
        workload = new Workload(rooms, size);
        return true;
    }

    public override string ToString() => $"{Rooms}x{Size}";
}
