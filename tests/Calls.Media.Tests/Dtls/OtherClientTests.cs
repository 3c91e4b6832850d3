using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Dtls;

/// <summary>Clients that are set otherwise than ours, at the server's handshakes: taken, or refused with an alert; and a session that was knocked at by one that is refused takes a proper client afterwards.</summary>
public sealed class OtherClientTests : IDisposable
{
    private const byte Alert = 21;
    private const byte HandshakeRecord = 22;
    private const byte Certificate = 11;
    private const byte Fatal = 2;
    private const byte HandshakeFailure = 40;
    private const byte ProtocolVersion = 70;

    private static readonly PeerId Peer = new(1);
    private static readonly NetworkPath From = new(TransportAddress.FromIpv4(0x0A00_0002, 5_000), default);

    private readonly DtlsIdentity _server = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly DtlsIdentity _proper = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Handshakes _handshakes;
    private readonly List<HandshakeOutput> _outputs = [];
    private TimeSpan _now;

    public OtherClientTests()
    {
        _handshakes = new Handshakes(_server, 8, TimeSpan.FromSeconds(30));
        _handshakes.Admit(Peer);
        _handshakes.Expect(Peer, _proper.Fingerprint);
    }

    public void Dispose()
    {
        _handshakes.Dispose();
        _server.Dispose();
        _proper.Dispose();
    }

    [Fact]
    public void DTLS_1_0_is_refused_and_the_session_takes_a_proper_client_afterwards()
    {
        using var old = OtherClients.Dtls10Only();
        Connect(old).ShouldBe(DtlsPhase.Failed);
        AlertsSent().ShouldBe([(Fatal, ProtocolVersion)]);
        Failure().ShouldBe(HandshakeFault.Protocol);
        Connect(_proper).ShouldBe(DtlsPhase.Done);
        _outputs.OfType<HandshakeDone>().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("ECDHE-RSA-AES128-GCM-SHA256")] // we have no RSA certificate
    [InlineData("AES128-SHA:AES256-SHA")] // without forward secrecy
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384")]
    public void A_client_without_the_one_suite_is_refused_and_the_session_takes_a_proper_one_afterwards(string suites)
    {
        using var other = OtherClients.WithSuites(suites);
        Connect(other).ShouldBe(DtlsPhase.Failed);
        AlertsSent().ShouldBe([(Fatal, HandshakeFailure)]);
        Failure().ShouldBe(HandshakeFault.Protocol);
        Connect(_proper).ShouldBe(DtlsPhase.Done);
    }

    [Theory]
    [InlineData("X25519:P-256")]
    [InlineData("P-384:P-256")]
    [InlineData("P-256")]
    public void Clients_of_other_curves_are_taken_as_long_as_they_know_the_certificates_own(string curves)
    {
        using var other = OtherClients.WithCurves(curves);
        _handshakes.Expect(Peer, other.Fingerprint);
        Connect(other).ShouldBe(DtlsPhase.Done);
    }

    [Theory]
    [InlineData("P-384")]
    [InlineData("X25519")]
    public void A_client_that_does_not_know_the_certificates_curve_is_refused(string curves)
    {
        // RFC 8422 section 5.1: a certificate's curve must be one that the client has named.
        using var other = OtherClients.WithCurves(curves);
        Connect(other).ShouldBe(DtlsPhase.Failed);
        AlertsSent().ShouldBe([(Fatal, HandshakeFailure)]);
        Connect(_proper).ShouldBe(DtlsPhase.Done);
    }

    [Fact]
    public void A_client_with_an_RSA_certificate_is_taken_by_its_fingerprint()
    {
        var (client, fingerprint) = OtherClients.WithRsaCertificate();
        using var _ = client;
        _handshakes.Expect(Peer, fingerprint);
        Connect(client).ShouldBe(DtlsPhase.Done);
        _outputs.OfType<HandshakeDone>().Count().ShouldBe(1);
    }

    [Fact]
    public void The_certificate_is_an_ECDSA_one_on_P_256_signed_with_SHA_256_and_the_one_that_was_offered()
    {
        Connect(_proper).ShouldBe(DtlsPhase.Done);
        var der = CertificateSent();
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        using var key = certificate.GetECDsaPublicKey().ShouldNotBeNull();
        key.ExportParameters(includePrivateParameters: false)
            .Curve.Oid.Value.ShouldBe(ECCurve.NamedCurves.nistP256.Oid.Value);
        certificate.SignatureAlgorithm.Value.ShouldBe("1.2.840.10045.4.3.2"); // ecdsa-with-SHA256
        DtlsFingerprint.Of(der).ShouldBe(_server.Fingerprint);
    }

    // In virtual time, over a line that loses nothing.
    private DtlsPhase Connect(DtlsIdentity identity)
    {
        using var client = new DtlsHandshake(identity, DtlsRole.Client, _now);
        var answered = _outputs.Count;
        for (var round = 0; round < 8 && client.Phase == DtlsPhase.Handshaking; round++)
        {
            _now += TimeSpan.FromMilliseconds(10);
            while (client.TryTake(out var datagram))
            {
                _handshakes.Handle(Peer, From, datagram, _now);
            }
            _outputs.AddRange(_handshakes.TakeOutputs());
            foreach (var sent in _outputs.Skip(answered).OfType<SendDatagram>())
            {
                client.Handle(sent.Datagram, _now);
            }
            answered = _outputs.Count;
        }
        return client.Phase;
    }

    private HandshakeFault Failure() => _outputs.OfType<HandshakeFailed>().ShouldHaveSingleItem().Fault;

    private (byte Level, byte Description)[] AlertsSent() =>
        [.. Records(Alert).Select(record => (record[DtlsRecords.HeaderSize], record[DtlsRecords.HeaderSize + 1]))];

    // The first of the list in the message of that type (RFC 5246 section 7.4.2), which fits one record.
    private byte[] CertificateSent()
    {
        const int Lengths = 6; // of the list, of the certificate
        var record = Records(HandshakeRecord).First(record => record[DtlsRecords.HeaderSize] == Certificate);
        var message = record.AsSpan(DtlsRecords.HeaderSize + 12);
        var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(message[2..]) & 0xFF_FFFF);
        return message.Slice(Lengths, length).ToArray();
    }

    private IEnumerable<byte[]> Records(byte type)
    {
        foreach (var sent in _outputs.OfType<SendDatagram>())
        {
            var rest = sent.Datagram;
            for (var length = DtlsRecords.Length(rest); length > 0; length = DtlsRecords.Length(rest))
            {
                if (rest[0] == type && DtlsRecords.Epoch(rest) == 0)
                {
                    yield return rest[..length];
                }
                rest = rest[length..];
            }
        }
    }
}
