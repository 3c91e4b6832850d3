using System.Diagnostics.Metrics;
using Calls.Media.Sfu;
using Calls.Media.Tcp;

namespace Calls.Media;

/// <summary>
/// The figures of the SFU, as <c>docs/operations.md</c> lists them. What is counted per packet is read from plain numbers
/// of the forwarding thread when somebody looks, so packets pay nothing for it.
/// </summary>
internal sealed class MediaMetrics : IDisposable
{
    /// <summary>The name by which an exporter subscribes.</summary>
    public const string MeterName = "Calls.Media";

    /// <summary>Seconds. Two round trips in the same house, or on a mobile network with losses, up to the handshake's timeout of 30 s.</summary>
    private static readonly double[] HandshakeBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>A share. Half a percent nobody hears; beyond a fifth speech is hard to follow.</summary>
    private static readonly double[] LossBounds = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

    /// <summary>Seconds. A packet is 20 ms; from 30 ms on jitter buffers grow noticeably.</summary>
    private static readonly double[] JitterBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];

    /// <summary>Seconds. From the same house to the other side of the world by satellite.</summary>
    private static readonly double[] RoundTripBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _handshakes;
    private readonly Histogram<double> _loss;
    private readonly Histogram<double> _jitter;
    private readonly Histogram<double> _roundTrip;

    public MediaMetrics(MediaServer server)
    {
        _meter.CreateObservableUpDownCounter(
            "calls.media.session.count",
            () => server.SessionCount,
            "{session}",
            "Media sessions that are open"
        );
        _meter.CreateObservableUpDownCounter(
            "calls.media.room.count",
            () => server.RoomCount,
            "{room}",
            "Rooms with a session in them"
        );
        _meter.CreateObservableCounter(
            "calls.media.packet.received",
            () => server.Forwarded.Received,
            "{packet}",
            "Authentic RTP packets from clients"
        );
        _meter.CreateObservableCounter(
            "calls.media.packet.forwarded",
            () => server.Forwarded.Forwarded,
            "{packet}",
            "RTP packets sent on, one per receiver"
        );
        _meter.CreateObservableCounter(
            "calls.media.packet.resent",
            () => server.Forwarded.Resent,
            "{packet}",
            "RTP packets sent once more, because a receiver asked"
        );
        _meter.CreateObservableCounter(
            "calls.media.packet.requested",
            () => server.Forwarded.Requested,
            "{packet}",
            "Packets that clients were asked to send again"
        );
        _meter.CreateObservableCounter(
            "calls.media.packet.dropped",
            () =>
                new[]
                {
                    Dropped("unknown_sender", server.Forwarded.FromUnknown),
                    Dropped("unauthentic", server.Forwarded.Unauthentic),
                    Dropped("unexpected", server.Forwarded.Unexpected),
                    Dropped("excessive", server.Forwarded.Excessive),
                    Dropped("held", server.Forwarded.Held),
                    Dropped("handshakes_full", server.TurnedAway),
                    Dropped("unsendable", server.SendFailures),
                    Dropped("slow_reader", server.NotTaken),
                },
            "{packet}",
            "Datagrams that went no further"
        );
        _meter.CreateObservableUpDownCounter(
            "calls.media.tcp.connection.count",
            () => server.TcpCount,
            "{connection}",
            "TCP connections of sessions"
        );
        _meter.CreateObservableCounter(
            "calls.media.tcp.connection.closed",
            () =>
                new[]
                {
                    Ended("client", server.Tcp[TcpEnd.Client]),
                    Ended("session", server.Tcp[TcpEnd.Session]),
                    Ended("stranger", server.Tcp[TcpEnd.Stranger]),
                    Ended("limit", server.Tcp[TcpEnd.Limit]),
                    Ended("malformed", server.Tcp[TcpEnd.Malformed]),
                },
            "{connection}",
            "TCP connections that ended"
        );
        _meter.CreateObservableCounter(
            "calls.media.io",
            () => new[] { Moved("receive", server.ReceivedBytes), Moved("transmit", server.SentBytes) },
            "By",
            "Bytes of all datagrams on the media port"
        );
        _handshakes = _meter.CreateHistogram(
            "calls.media.dtls.handshake.duration",
            "s",
            "DTLS handshakes, from the client's first message on",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = HandshakeBounds }
        );
        _loss = Quality("calls.media.session.loss", "1", "Share of a client's packets that did not arrive", LossBounds);
        _jitter = Quality("calls.media.session.jitter", "s", "Jitter of a client's packets", JitterBounds);
        _roundTrip = Quality("calls.media.session.round_trip", "s", "To a client and back", RoundTripBounds);
    }

    /// <summary>Takes the figures of a session's latest reports, if there were any since it was looked at last.</summary>
    public void Observe(ControlSession session)
    {
        var counters = session.Counters;
        var (reports, roundTrips) = (counters.Reports, counters.RoundTrips);
        if (reports != session.Observed.Reports)
        {
            _loss.Record(counters.Loss);
            _jitter.Record(counters.Jitter);
        }
        if (roundTrips != session.Observed.RoundTrips)
        {
            _roundTrip.Record(counters.RoundTrip);
        }
        session.Observed = (reports, roundTrips);
    }

    /// <summary>A handshake is done, or has come to nothing.</summary>
    public void Shook(TimeSpan took, HandshakeFault? fault)
    {
        if (fault is { } known)
        {
            _handshakes.Record(took.TotalSeconds, new KeyValuePair<string, object?>("error.type", NameOf(known)));
        }
        else
        {
            _handshakes.Record(took.TotalSeconds);
        }
    }

    public void Dispose() => _meter.Dispose();

    private Histogram<double> Quality(string name, string unit, string description, double[] bounds) =>
        _meter.CreateHistogram(
            name,
            unit,
            description,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds }
        );

    private static string NameOf(HandshakeFault fault) =>
        fault switch
        {
            HandshakeFault.Timeout => "timeout",
            HandshakeFault.Certificate => "certificate",
            _ => "protocol",
        };

    private static Measurement<long> Dropped(string reason, long count) =>
        new(count, new KeyValuePair<string, object?>("calls.media.drop_reason", reason));

    private static Measurement<long> Ended(string why, long count) =>
        new(count, new KeyValuePair<string, object?>("calls.media.tcp.close_reason", why));

    private static Measurement<long> Moved(string direction, long bytes) =>
        new(bytes, new KeyValuePair<string, object?>("network.io.direction", direction));
}
