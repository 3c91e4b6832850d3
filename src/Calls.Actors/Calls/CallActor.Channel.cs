using System.Collections.Immutable;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>What the chat app changes: the channel is written first, then a live call follows it.</summary>
internal sealed partial class CallActor
{
    private async ValueTask Handle(ChannelChange change)
    {
        var refusal = change.Edit switch
        {
            ReplaceChannel e => await Replace(new Channel(id, e.Kind, e.Members)),
            PatchMembers e => await Patch(e),
            DeleteChannel => await Delete(),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change.Edit.GetType().Name, "Unknown edit."),
        };
        change.Reply.Answer(refusal is null ? new CallReply(null) : CallReply.Refuse(refusal));
    }

    private async ValueTask<Refusal?> Replace(Channel next)
    {
        if (next.Kind == ChannelKind.Direct && next.Members.Count != 2)
            return Refusals.Invalid("members", "must be exactly two in a direct channel");
        if (next.Members.Count < 2)
            return Refusals.Invalid("members", "must be at least two");
        return await Write(next);
    }

    private async ValueTask<Refusal?> Patch(PatchMembers patch)
    {
        if (_channel is null)
            return Refusals.NotFound;
        var members = _channel.Members.Where(m =>
            !patch.Remove.Contains(m.UserId) && patch.Add.All(a => a.UserId != m.UserId)
        );
        ImmutableArray<Member> next = [.. members, .. patch.Add];
        if (_channel.Kind == ChannelKind.Direct && next.Length > 2)
            return Refusals.Invalid("add", "would make more than two members of a direct channel");
        return await Write(_channel with { Members = next });
    }

    private async ValueTask<Refusal?> Write(Channel next)
    {
        if (next.Members.Count > Channel.MaxMembers)
            return Refusals.Invalid("members", $"must be at most {Channel.MaxMembers}");
        var before = _channel?.Members.Where(m => m.CanRead).Select(m => m.UserId).ToArray() ?? [];
        await env.Store.PutChannel(next);
        _channel = next;
        if (!State.IsLive)
            return null;
        await env.Store.AddLive(id, [.. next.Members.Select(m => m.UserId)]);
        var gone = before.Where(u => next.Find(u) is not { CanRead: true }).ToArray();
        foreach (var user in gone)
            await Commit(new RemoveMember(_clock.Now(), user));
        await env.Store.RemoveLive(id, gone);
        return null;
    }

    private async ValueTask<Refusal?> Delete()
    {
        if (_channel is null)
            return Refusals.NotFound;
        // The members hear of the end while they are members still.
        await Commit(new CloseCall(_clock.Now(), EndReason.ChannelDeleted));
        await env.Store.DeleteChannel(id);
        _channel = null;
        return null;
    }
}
