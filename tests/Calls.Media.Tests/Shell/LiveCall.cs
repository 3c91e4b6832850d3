using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Calls.Media.Tests.Shell;

/// <summary>A server with clients, all on this machine, driven until something has come about.</summary>
internal sealed class LiveCall : IMediaEvents, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IPAddress _speaksTo;
    private readonly ConcurrentQueue<MediaOffer> _offers = new();
    private readonly ConcurrentQueue<MediaOffer> _others = new();
    private readonly ConcurrentDictionary<string, LiveClient> _clients = new();

    public LiveCall(params IPAddress[] addresses)
        : this(new MediaOptions { Port = 0, Addresses = addresses }) { }

    public LiveCall(MediaOptions options)
    {
        _speaksTo = options.Addresses[0];
        Server = MediaServer.Start(options, this, TimeProvider.System, Notices.Enqueue);
    }

    /// <summary>An offer that is left for the test to look at: of a session that has no client here.</summary>
    public MediaOffer? NextOffer() => _others.TryDequeue(out var offer) ? offer : null;

    public MediaServer Server { get; }
    public ConcurrentQueue<string> Events { get; } = new();
    public ConcurrentQueue<MediaNotice> Notices { get; } = new();

    public LiveClient Join(string user, bool overTcp = false, IPAddress? at = null)
    {
        var client = new LiveClient(user, new IPEndPoint(at ?? _speaksTo, Server.Port), overTcp);
        _clients[$"s-{user}"] = client;
        Server.Open("room", $"s-{user}", user, muted: false, deafened: false);
        return client;
    }

    public void Leave(LiveClient client)
    {
        _clients.TryRemove(_clients.First(entry => entry.Value == client));
        client.Dispose();
    }

    public void RunUntil(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            clock.Elapsed.ShouldBeLessThan(Patience);
            while (_offers.TryDequeue(out var offer))
            {
                if (_clients.TryGetValue(offer.SessionId, out var client))
                {
                    var result = Server.Answer(offer.SessionId, offer.Revision, client.Answer(offer));
                    result.ShouldBe(new AnswerResult(AnswerOutcome.Accepted));
                }
                else
                {
                    _others.Enqueue(offer);
                }
            }
            foreach (var client in _clients.Values)
            {
                client.Turn(clock.Elapsed);
            }
            Thread.Yield();
        }
    }

    public void OfferReady(MediaOffer offer) => _offers.Enqueue(offer);

    public void SessionConnected(string sessionId) => Events.Enqueue($"connected {sessionId}");

    public void SessionSilent(string sessionId) => Events.Enqueue($"silent {sessionId}");

    public void SpeakersChanged(string roomId, IReadOnlyList<string> userIds) =>
        Events.Enqueue($"speakers {string.Join(' ', userIds)}");

    public void StoodStill() => Events.Enqueue("stood still");

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public sealed class Deaf : IMediaEvents
    {
        public void OfferReady(MediaOffer offer) { }

        public void SessionConnected(string sessionId) { }

        public void SessionSilent(string sessionId) { }

        public void SpeakersChanged(string roomId, IReadOnlyList<string> userIds) { }

        public void StoodStill() { }
    }
}
