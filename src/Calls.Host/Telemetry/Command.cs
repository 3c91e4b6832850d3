using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Telemetry;

/// <summary>Something that was asked for, as log, metrics and traces name it.</summary>
internal sealed record Command
{
    private const string Rest = "rest";
    private const string WebSocket = "websocket";

    /// <summary>The request's type, or for what only REST has a name of the same kind.</summary>
    public required string Name { get; init; }

    /// <summary>Which way it came: <c>websocket</c> or <c>rest</c>.</summary>
    public required string Transport { get; init; }

    public required UserId User { get; init; }

    public ChannelId? Channel { get; init; }

    public DeviceId? Device { get; init; }

    /// <summary>The connection that asked, or for REST the one that is to be sent what follows.</summary>
    public string? Connection { get; init; }

    public CommandId? CommandId { get; init; }

    public bool IsRest => Transport == Rest;

    /// <summary>A client's request about a channel.</summary>
    public static Command Of(Caller caller, ChannelRequest request) =>
        new()
        {
            Name = RequestParser.NameOf(request),
            Transport = caller.AnyDevice ? Rest : WebSocket,
            User = caller.User,
            Channel = request.Channel,
            Device = caller.Device,
            Connection = caller.Connection,
            CommandId = request.Command,
        };

    /// <summary>The chat app's change of a channel.</summary>
    public static Command Of(UserId user, ChannelId channel, ChannelEdit edit) =>
        new()
        {
            Name = edit switch
            {
                ReplaceChannel => "channel_put",
                PatchMembers => "channel_patch",
                DeleteChannel => "channel_delete",
                _ => throw new ArgumentOutOfRangeException(nameof(edit), edit.GetType().Name, "Unknown edit."),
            },
            Transport = Rest,
            User = user,
            Channel = channel,
        };

    /// <summary>A connection's sign-in, or the renewal of its token.</summary>
    public static Command SignIn(UserId user, DeviceId device, string connection) =>
        new()
        {
            Name = "authenticate",
            Transport = WebSocket,
            User = user,
            Device = device,
            Connection = connection,
        };
}

/// <summary>What became of a command; filled in on the way to its answer.</summary>
internal sealed class CommandResult
{
    /// <summary>Why it was refused; null when it was not.</summary>
    public ErrorCode? Error { get; set; }

    /// <summary>Goes with an internal error: the id that the client was given.</summary>
    public string? ErrorId { get; set; }

    /// <summary>The call that it was about, if it came so far.</summary>
    public CallId? Call { get; set; }
}
