using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Calls.Protocol;

namespace Calls.Host.Telemetry;

/// <summary>
/// The one line that a command leaves in the log. A structured console gets the fields, a plain one the words; what a
/// command does not have, neither shows. It names who, where and what came of it, and nothing of what was said.
/// </summary>
internal sealed class CommandLogLine : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _fields = [];
    private readonly string _text;

    public CommandLogLine(Command command, CommandResult outcome, TimeSpan took, ActivityTraceId? trace)
    {
        var result = outcome.Error?.ToWire() ?? "ok";
        var milliseconds = Math.Round(took.TotalMilliseconds, 1);
        Add("Request", command.Name);
        Add("User", command.User);
        Add("Channel", command.Channel);
        Add("Outcome", result);
        Add("Milliseconds", milliseconds);
        var detailsFrom = _fields.Count;
        Add("Call", outcome.Call);
        Add("Device", command.Device);
        Add("Connection", command.Connection);
        Add("CommandId", command.CommandId);
        Add("Transport", command.Transport);
        Add("ErrorId", outcome.ErrorId);
        Add("TraceId", trace);
        var details = _fields.Skip(detailsFrom).Select(field => $"{field.Key}={field.Value}");
        var where = command.Channel is { } channel ? $" in {channel}" : "";
        _text = string.Create(
            CultureInfo.InvariantCulture,
            $"{command.Name} by {command.User}{where}: {result} after {milliseconds:0.0} ms ({string.Join(' ', details)})"
        );
    }

    public int Count => _fields.Count;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;

    // Ids as text: a formatter of JSON would otherwise ask what they are made of.
    private void Add(string name, object? value)
    {
        if (value is not null)
            _fields.Add(new(name, value is double number ? number : value.ToString()));
    }
}
