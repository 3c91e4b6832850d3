using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>True or false.</summary>
public sealed class FlagRule : FieldRule<bool>
{
    /// <summary>There is but one kind of flag.</summary>
    public static readonly FlagRule Instance = new();

    public override string Words => "true or false";

    public override JsonObject Schema() => new() { ["type"] = "boolean" };

    protected override bool Read(JsonElement value, string field, ref Refusal? error, out bool read)
    {
        read = value.ValueKind == JsonValueKind.True;
        return read || value.ValueKind == JsonValueKind.False;
    }
}

/// <summary>A whole number between two others, written without fraction and exponent.</summary>
public sealed class IntegerRule(int min, int max = int.MaxValue) : FieldRule<int>
{
    public override string Words =>
        max == int.MaxValue ? $"an integer from {min} on" : $"an integer from {min} to {max}";

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "integer",
            ["minimum"] = min,
            ["maximum"] = max,
        };

    protected override bool Read(JsonElement value, string field, ref Refusal? error, out int read)
    {
        read = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out read) && read >= min && read <= max;
    }
}

/// <summary>A span of time in seconds, of either sign.</summary>
public sealed class SecondsRule(TimeSpan most) : FieldRule<TimeSpan>
{
    public override string Words =>
        string.Create(CultureInfo.InvariantCulture, $"a number of seconds, at most {most.TotalSeconds:0}");

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "number",
            ["minimum"] = -most.TotalSeconds,
            ["maximum"] = most.TotalSeconds,
        };

    protected override bool Read(JsonElement value, string field, ref Refusal? error, out TimeSpan read)
    {
        read = TimeSpan.Zero;
        if (
            value.ValueKind != JsonValueKind.Number
            || !value.TryGetDouble(out var seconds)
            || Math.Abs(seconds) > most.TotalSeconds
        )
            return false;
        read = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
