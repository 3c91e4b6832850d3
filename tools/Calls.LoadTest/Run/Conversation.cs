using System.Net.WebSockets;
using Calls.Caller;
using Calls.Caller.Signalling;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.Plan;

namespace Calls.LoadTest.Run;

/// <summary>One channel with its members signed in, and the calls in it, one after the other.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    /// <summary>How long media may take; a browser's user would have given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How often one who waits for media looks whether the call is still there.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly Stage _stage;
    private readonly int _number;
    private readonly CallsCaller[] _members;
    private readonly TimeSpan?[] _joinedAt;
    private string? _call;

    private Conversation(Stage stage, int number, CallsCaller[] members)
    {
        (_stage, _number, _members) = (stage, number, members);
        _joinedAt = new TimeSpan?[members.Length];
    }

    private string Channel => _stage.Cast.Channel(_number);

    /// <summary>Makes the channel and signs everybody in.</summary>
    public static async Task<Conversation> Gather(Stage stage, Backend backend, int number, int size)
    {
        var users = Enumerable.Range(0, size).Select(member => stage.Cast.User(number, member)).ToArray();
        await backend.MakeChannel(stage.Cast.Channel(number), users);
        var members = new CallsCaller[size];
        for (var member = 0; member < size; member++)
        {
            members[member] = await CallsCaller.Connect(
                stage.Node(number, member),
                await stage.Tokens.For(users[member]),
                $"{users[member]}-device",
                stage.Cast.Behaviour(number, member)
            );
        }
        return new Conversation(stage, number, members);
    }

    /// <summary>Does what is planned.</summary>
    public async Task Run(IEnumerable<PlannedCall> calls)
    {
        foreach (var call in calls)
        {
            await _stage.Until(call.At);
            if (_stage.IsStopping)
                return;
            await ComeBack();
            await Call(call);
        }
        await ComeBack();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            await member.DisposeAsync();
    }

    private async Task Call(PlannedCall plan)
    {
        var pattern = plan.Pattern == Pattern.RingOnly ? "ring-only" : plan.Pattern.ToString().ToLowerInvariant();
        var record = _stage.Meter.Begin(Channel, pattern, _members.Length, _stage.Elapsed);
        Array.Clear(_joinedAt);
        var startedAt = CallerLoop.Now;
        _call = null;
        await Guard(
            record,
            "start",
            async () =>
                _call = (await _members[0].Start(Channel)).GetProperty("call").GetProperty("call_id").GetString()
        );
        if (_call is { } id)
        {
            var parts = plan.Called.Select(called => TakePart(plan, called, record, id, startedAt));
            await Task.WhenAll([Connect(0, record, startedAt), .. parts]);
            await EndCall(plan, record, id);
        }
        Listen(record);
        _stage.Meter.End(record, _stage.Elapsed);
    }

    /// <summary>What one who is called does, until the call's end.</summary>
    private Task TakePart(PlannedCall plan, PlannedMember called, CallRecord record, string id, TimeSpan startedAt) =>
        Guard(
            record,
            "ring",
            async () =>
            {
                var ring = await _members[called.Index].Hears("incoming_call", e => e["call_id"] == id);
                _stage.Meter.OnRing(record, ring.At - startedAt);
                await _stage.Until(_stage.Elapsed + called.After);
                switch (called.Answer)
                {
                    case Answer.Joins:
                        await ComeAndGo(plan, called, record);
                        break;
                    case Answer.Declines:
                        await Guard(record, "decline", () => _members[called.Index].Decline(Channel));
                        break;
                }
            }
        );

    private async Task ComeAndGo(PlannedCall plan, PlannedMember called, CallRecord record)
    {
        await Join(called.Index, record);
        if (called.LeavesAt is not { } leaves || called.ReturnsAt is not { } returns)
            return;
        await _stage.Until(plan.At + leaves);
        await Guard(record, "leave", () => _members[called.Index].Leave(Channel));
        _stage.Meter.OnTalking(-1);
        await _stage.Until(plan.At + returns);
        await Join(called.Index, record);
    }

    private async Task Join(int member, CallRecord record)
    {
        var began = CallerLoop.Now;
        var joined = false;
        await Guard(
            record,
            "join",
            async () =>
            {
                await _members[member].Join(Channel);
                joined = true;
            }
        );
        if (joined)
        {
            _joinedAt[member] ??= began;
            await Connect(member, record, began);
        }
    }

    /// <summary>Waits for the media of one who has started or joined, as long as the call lives.</summary>
    private async Task Connect(int member, CallRecord record, TimeSpan began)
    {
        var caller = _members[member];
        while (true)
        {
            try
            {
                await caller.Media.Connected(Look);
                _stage.Meter.OnJoin(record, caller.Media.ConnectedAt!.Value - began);
                _stage.Meter.OnTalking(1);
                return;
            }
            catch (TimeoutException) when (HasEnded(caller))
            {
                return; // a ring that was declined sooner than media could flow
            }
            catch (TimeoutException) when (CallerLoop.Now - began < Patience) { }
            catch (TimeoutException e)
            {
                var faults = string.Join("; ", caller.Faults);
                _stage.Meter.OnError(record, "media: timed out", $"{e.Message} {faults}");
                return;
            }
        }
    }

    private bool HasEnded(CallsCaller caller) =>
        caller.Unheard.Any(said => said.Type == "call_ended" && said["call_id"] == _call);

    private async Task EndCall(PlannedCall plan, CallRecord record, string id)
    {
        if (!plan.Called.All(called => called.Answer == Answer.Declines))
        {
            await _stage.Until(plan.Until);
            await Guard(record, "end", () => _members[0].EndCall(Channel));
        }
        await Task.WhenAll(
            _members.Select(member => Guard(record, "ended", () => member.Hears("call_ended", e => e["call_id"] == id)))
        );
    }

    /// <summary>Gathers what was heard.</summary>
    private void Listen(CallRecord record)
    {
        for (var member = 0; member < _members.Length; member++)
        {
            _stage.Meter.OnTalking(_members[member].Media.IsConnected ? -1 : 0);
            var tracks = _members[member].Media.TakeTracks();
            foreach (var track in tracks)
            {
                record.Sound.Add(track);
                if (track.WrongSound)
                    _stage.Meter.OnError(
                        record,
                        "wrong sound",
                        $"{_members[member].UserId} heard {track.Track.UserId}"
                    );
                if (track.ToneFound == false)
                    _stage.Meter.OnError(record, "tone missing", $"{_members[member].UserId} of {track.Track.UserId}");
            }
            if (_joinedAt[member] is { } joined && tracks.Min(track => track.FirstAt) is { } first && first > joined)
                _stage.Meter.OnFirstSound(first - joined);
        }
    }

    /// <summary>Brings those back whose connection was lost.</summary>
    private async Task ComeBack()
    {
        foreach (var member in _members)
        {
            if (member.End is not { } end)
                continue;
            _stage.Meter.OnError(null, $"connection lost: {end.Code?.ToString() ?? "broken"}", end.Description ?? "");
            await Guard(null, "reconnect", () => member.Reconnect());
        }
    }

    /// <summary>What fails is counted, and the run goes on.</summary>
    private async Task Guard(CallRecord? record, string what, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (CallRefusedException e)
        {
            _stage.Meter.OnError(record, $"{what}: {e.Code}", "");
        }
        catch (TimeoutException e)
        {
            _stage.Meter.OnError(record, $"{what}: timed out", e.Message);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or HttpRequestException)
        {
            _stage.Meter.OnError(record, $"{what}: connection lost", e.Message);
        }
    }
}
