using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Wire;

/// <summary>
/// Reads the fields of one JSON object and keeps the first thing that is wrong, in words that name the field. With
/// notes, it also writes down what it was asked for: the contract for machines is made of them.
/// </summary>
/// <param name="json">The object.</param>
/// <param name="elsewhere">Ids that stand elsewhere than in the object, which then has no say in them; null for one left out.</param>
/// <param name="path">What to put before the names in errors, for an object within another.</param>
/// <param name="notes">Gets the fields that are asked for.</param>
public ref struct FieldReader(
    JsonElement json,
    ReadOnlySpan<(string Name, string? Id)> elsewhere,
    string path = "",
    FieldList? notes = null
)
{
    private static readonly ChoiceRule<CallMedia> MediaRule = new(CallMedia.Audio, CallMedia.Video);
    private static readonly IntegerRule PositiveRule = new(min: 1);

    private readonly ReadOnlySpan<(string Name, string? Id)> _elsewhere = elsewhere;
    private Refusal? _error;

    /// <summary>The first error; null while all is well.</summary>
    public readonly Refusal? Error => _error;

    public ChannelId Channel() => new(Id("channel_id"));

    public SessionId Session() => new(Id("session_id"));

    public UserId User() => new(Id("user_id"));

    public CommandId? Command() => OptionalId("command_id") is { } id ? new CommandId(id) : null;

    public DeviceId? Device() => OptionalId("device_id") is { } id ? new DeviceId(id) : null;

    public CallMedia Media() => TryRead("media", MediaRule, out var media) ? media : CallMedia.Audio;

    public VoiceChange Voice()
    {
        var change = new VoiceChange(Flag("muted"), Flag("deafened"), Flag("video"), Flag("screen"));
        notes?.AddAlternatives(["muted", "deafened", "video", "screen"]);
        if (change.IsEmpty)
            Fail("muted", "is missing: give at least one of muted, deafened, video, screen");
        return change;
    }

    /// <summary>A list of 1 to <paramref name="max"/> users; null if it is missing.</summary>
    public ImmutableArray<UserId>? Users(string name, int max) =>
        TryRead(name, new ListRule<string>(IdRule.Instance, "user ids", min: 1, max), out var users)
            ? [.. users.Select(id => new UserId(id))]
            : null;

    /// <summary>A required, non-empty string of at most <paramref name="max"/> characters.</summary>
    public string Text(string name, int max) => Required(name, new TextRule(max)) ?? "";

    /// <summary>A required integer from 1 on.</summary>
    public int Positive(string name) => Required(name, PositiveRule);

    public bool? Flag(string name) => TryRead(name, FlagRule.Instance, out var flag) ? flag : null;

    public string Id(string name) => Required(name, IdRule.Instance) ?? "";

    public string? OptionalId(string name) => TryRead(name, IdRule.Instance, out var id) ? id : null;

    /// <summary>A field that has to be there; the default of <typeparamref name="T"/> and an <see cref="Error"/> without it.</summary>
    public T? Required<T>(string name, FieldRule<T> rule)
    {
        if (Find(name, rule, required: true, out var value))
            return value;
        // Only the first error is kept: what is there and wrong has one already.
        Fail(name, $"is missing: {rule.Words}");
        return default;
    }

    /// <summary>Whether a field is there, and as it should be; one that is not as it should be is an <see cref="Error"/>.</summary>
    public bool TryRead<T>(string name, FieldRule<T> rule, [MaybeNullWhen(false)] out T value) =>
        Find(name, rule, required: false, out value);

    /// <summary>Keeps an error that a rule by itself cannot find.</summary>
    public void Fail(string field, string rule) => _error ??= Refusals.Invalid(path + field, rule);

    private bool Find<T>(string name, FieldRule<T> rule, bool required, [MaybeNullWhen(false)] out T value)
    {
        notes?.Add(new Field(name, rule, required));
        value = default;
        foreach (var (given, id) in _elsewhere)
        {
            if (given == name)
                return id is not null
                    && rule.TryRead(JsonSerializer.SerializeToElement(id), name, ref _error, out value);
        }
        return json.TryGetProperty(name, out var found)
            && found.ValueKind != JsonValueKind.Null
            && rule.TryRead(found, path + name, ref _error, out value);
    }
}
