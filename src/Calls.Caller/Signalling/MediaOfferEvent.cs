using System.Text.Json;
using Calls.Caller.Media;

namespace Calls.Caller.Signalling;

/// <summary>A <c>media_offer</c> with its fields (protocol §2, §4).</summary>
internal sealed class MediaOfferEvent
{
    /// <summary>Reads the fields; a missing one is an exception, as only a faulty server leaves it out.</summary>
    public MediaOfferEvent(SignalledEvent said)
    {
        SessionId = Required(said.Body, "session_id").GetString()!;
        Revision = Required(said.Body, "revision").GetInt32();
        Sdp = Required(said.Body, "sdp").GetString()!;
        Tracks =
        [
            .. Required(said.Body, "tracks")
                .EnumerateArray()
                .Select(track => new OfferedTrack(
                    Required(track, "mid").GetString()!,
                    Required(track, "user_id").GetString()!,
                    Required(track, "kind").GetString()!,
                    Required(track, "source").GetString()!
                )),
        ];
    }

    public string SessionId { get; }

    public int Revision { get; }

    public string Sdp { get; }

    public IReadOnlyList<OfferedTrack> Tracks { get; }

    private static JsonElement Required(JsonElement body, string field) =>
        body.TryGetProperty(field, out var value)
            ? value
            : throw new FormatException($"The media_offer has no {field}.");
}
