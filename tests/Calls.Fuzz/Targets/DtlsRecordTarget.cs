using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Dtls;

namespace Calls.Fuzz.Targets;

/// <summary>The record layer that the forwarding thread reads itself: what begins a handshake, what repeats one, what says goodbye.</summary>
internal sealed class DtlsRecordTarget : SingleInputTarget
{
    private static readonly DtlsAlertReader Alerts = DtlsAlertReader.FromMaster(
        new byte[48],
        new byte[64],
        peerIsClient: true
    );

    private bool _saysGoodbye;

    public override string Name => "dtls-record";
    public override string CorpusName => "dtls";

    public override long MaxAllocated(int length) => 0;

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var datagram = Bytes.Mutate(chance, corpus.Pick(chance), corpus.Entries);
        return chance.Next(8) == 0 ? [.. datagram, .. ManyAlerts(chance)] : datagram;
    }

    protected override void Read(byte[] input)
    {
        DtlsRecords.IsHello(input);
        DtlsRecords.HoldsFinished(input);
        _saysGoodbye = Alerts.SaysGoodbye(input);
    }

    protected override void Examine(byte[] input) => Require(!_saysGoodbye, "a forged goodbye was believed");

    // As many encrypted alerts as a datagram holds, each to be decrypted before it can be refused.
    private static byte[] ManyAlerts(Random chance)
    {
        var records = new byte[39 * chance.Next(1, 53)];
        chance.NextBytes(records);
        for (var at = 0; at < records.Length; at += 39)
        {
            new byte[] { 21, 0xFE, 0xFD, 0, 1 }.CopyTo(records, at);
            new byte[] { 0, 26 }.CopyTo(records, at + 11);
        }
        return records;
    }
}
