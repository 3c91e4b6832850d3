namespace Calls.Media.Sfu;

/// <summary>The sessions that hear each other, and who of them speaks.</summary>
internal sealed class Room(string id)
{
    public string Id { get; } = id;
    public List<ControlSession> Sessions { get; } = [];
    public SpeakerRoster Speakers { get; } = new();
}
