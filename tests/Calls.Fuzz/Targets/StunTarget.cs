using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Ice;
using Calls.Media.Stun;

namespace Calls.Fuzz.Targets;

/// <summary>Connectivity checks: strangers' as they are, and such as are signed rightly whatever is in them.</summary>
internal sealed class StunTarget : SingleInputTarget
{
    private static readonly IceCredentials Session = IceCredentials.Create(new Random(5389).NextBytes);

    private static readonly NetworkPath From = new(
        TransportAddress.FromIpv4(0x0A00_0002, 5_000),
        TransportAddress.FromIpv4(0x0A00_0001, 0)
    );

    private readonly byte[] _response = new byte[StunMessage.MaxLength];
    private IceCheckResult _result;
    private int _length;

    public override string Name => "stun";

    // The address in an answer, and the one that is read of a response.
    public override long MaxAllocated(int length) => 512;

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var message = corpus.Pick(chance);
        message =
            chance.Next(3) == 0
                ? Bytes.Mutate(chance, message, corpus.Entries)
                : StunBytes.MutateAttributes(chance, message, corpus.Entries);
        return chance.Next(3) == 0 ? message : StunBytes.Address(message, Session.Ufrag, Session.Key);
    }

    protected override void Read(byte[] input)
    {
        (_result, _length) = (IceCheckResult.Ignored, 0);
        if (StunMessage.TryParse(input, out var message))
        {
            // Whatever is asked of a message that was taken has an answer.
            _ = (message.Class, message.Method, message.Priority, message.UseCandidate, message.ErrorCode);
            _ = (message.IceControlled, message.IceControlling, message.HasFingerprint);
            _ = message.TransactionId.Length + message.Username.Length;
            message.TryGetMappedAddress(out _);
        }
        if (IceLite.TryReadUfrag(input, out _))
        {
            _result = IceLite.Answer(input, Session, From, _response, out _length);
        }
    }

    protected override void Examine(byte[] input)
    {
        if (_result == IceCheckResult.Ignored)
        {
            Require(_length == 0, "an answer to what was ignored");
            return;
        }
        Require(
            StunMessage.TryParse(input, out var check) && check.VerifyIntegrity(Session.Key),
            "forged, and believed"
        );
        Require(StunMessage.TryParse(_response.AsSpan(0, _length), out var answer), "an answer that cannot be read");
        Require(answer.VerifyIntegrity(Session.Key) && answer.HasFingerprint, "an answer that is not signed");
        Require(answer.TransactionId.SequenceEqual(check.TransactionId), "an answer to something else");
    }
}
