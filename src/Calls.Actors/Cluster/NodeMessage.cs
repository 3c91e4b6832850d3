using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Cluster;

/// <summary>What nodes say to each other.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(CommandMessage), "command")]
[JsonDerivedType(typeof(EditMessage), "edit")]
[JsonDerivedType(typeof(DescribeMessage), "describe")]
[JsonDerivedType(typeof(ToldMessage), "told")]
[JsonDerivedType(typeof(CommandAnswer), "answer")]
[JsonDerivedType(typeof(DescriptionMessage), "description")]
[JsonDerivedType(typeof(EventMessage), "event")]
[JsonDerivedType(typeof(DigestMessage), "digest")]
[JsonDerivedType(typeof(OfferMessage), "offer")]
[JsonDerivedType(typeof(WebhooksMessage), "webhooks")]
[JsonDerivedType(typeof(DrainMessage), "drain")]
internal abstract record NodeMessage;

/// <summary>A client's request for a call whose home the addressed node is.</summary>
/// <param name="From">The node that waits for the answer.</param>
/// <param name="Id">Repeated by the answer.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Type">The request's name on the wire.</param>
/// <param name="Request">The request.</param>
/// <param name="IsPlaced">A call that it starts is to run at the addressed node.</param>
internal sealed record CommandMessage(
    string From,
    long Id,
    Caller Caller,
    string Type,
    JsonElement Request,
    bool IsPlaced
) : NodeMessage;

/// <summary>The backend changes a channel that has a live call there.</summary>
internal sealed record EditMessage(string From, long Id, ChannelId Channel, ChannelEdit Edit) : NodeMessage;

/// <summary>How a live call looks to a user who signs in.</summary>
internal sealed record DescribeMessage(string From, long Id, ChannelId Channel, UserId User) : NodeMessage;

/// <summary>What wants no answer.</summary>
internal sealed record ToldMessage(IChannelMessage Message) : NodeMessage;

/// <summary>The answer to a command or an edit.</summary>
internal sealed record CommandAnswer(long Id, CallReply Reply, CallId? Call) : NodeMessage;

/// <summary>The answer to a <see cref="DescribeMessage"/>.</summary>
internal sealed record DescriptionMessage(long Id, CallView? Call) : NodeMessage;

/// <summary>For these users' connections at the addressed node.</summary>
/// <param name="Users">Whose.</param>
/// <param name="Event">What they hear.</param>
/// <param name="ExceptUser">With <paramref name="ExceptDevice"/>: this device of this user does not.</param>
/// <param name="ExceptDevice">See there.</param>
/// <param name="ExceptConnection">Nor does this connection.</param>
internal sealed record EventMessage(
    ImmutableArray<UserId> Users,
    ServerEvent Event,
    UserId? ExceptUser,
    DeviceId? ExceptDevice,
    string? ExceptConnection
) : NodeMessage;

/// <summary>How a live call stands, for those of its users who are connected at the addressed node.</summary>
internal sealed record DigestMessage(CallDigest Digest) : NodeMessage;

/// <summary>For one connection at the addressed node.</summary>
internal sealed record OfferMessage(string Connection, ServerEvent Event) : NodeMessage;

/// <summary>Webhooks came into the outbox for a channel in a shard of the addressed node's.</summary>
internal sealed record WebhooksMessage(ChannelId Channel) : NodeMessage;

/// <summary>An operator wants the addressed node drained.</summary>
internal sealed record DrainMessage : NodeMessage;

/// <summary>How the messages between nodes are written: by the rules of the clients' wire.</summary>
internal static class NodeJson
{
    private static readonly JsonSerializerOptions Options = MakeOptions();

    private static readonly Dictionary<string, Type> Requests = typeof(ChannelRequest)
        .Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(ChannelRequest)))
        .ToDictionary(RequestParser.NameOf, StringComparer.Ordinal);

    public static byte[] Write(NodeMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>Null for what is no message of this version of the software.</summary>
    public static NodeMessage? Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<NodeMessage>(bytes, Options);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A request as it goes into a <see cref="CommandMessage"/>.</summary>
    public static JsonElement Write(ChannelRequest request) =>
        JsonSerializer.SerializeToElement(request, request.GetType(), Options);

    /// <summary>The request in a <see cref="CommandMessage"/>; null for one of another version of the software.</summary>
    public static ChannelRequest? Read(string type, JsonElement request)
    {
        try
        {
            return Requests.TryGetValue(type, out var known)
                ? (ChannelRequest?)request.Deserialize(known, Options)
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A message that lacks a part is none.</summary>
    private static void RequireAll(JsonTypeInfo type)
    {
        if (!type.Type.IsSubclassOf(typeof(NodeMessage)))
            return;
        foreach (var part in type.Properties)
            part.IsRequired = true;
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(WireJson.Options)
        {
            AllowOutOfOrderMetadataProperties = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireAll } },
        };
        options.Converters.Add(new Persistence.CommandIdConverter());
        return options;
    }
}
