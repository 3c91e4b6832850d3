using System.Text;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;

namespace Calls.Fuzz.Targets;

/// <summary>Makes up what a hostile participant does, of all corpora that have to do with media.</summary>
internal sealed class SfuStory
{
    private readonly Corpus _rtcp = Corpus.Load("rtcp");
    private readonly Corpus _stun = Corpus.Load("stun");
    private readonly Corpus _dtls = Corpus.Load("dtls");
    private readonly Corpus _srtp = Corpus.Load("srtp");

    public byte[] Make(Random chance, Corpus rtp, int count)
    {
        var steps = new List<Step>();
        for (; count > 0; count--)
        {
            var kind = Draw(chance);
            steps.Add(new Step((byte)kind, DataOf(kind, chance, rtp)));
        }
        return Steps.Write(steps);
    }

    /// <summary>An answer with some changes.</summary>
    public string Change(string sdp, int seed)
    {
        var bytes = Encoding.UTF8.GetBytes(sdp);
        return Encoding.UTF8.GetString(Text.Mutate(new Random(seed), bytes, [bytes], "\n\n\n =: /"));
    }

    // New sessions are dear: a handshake each.
    private static SfuStep Draw(Random chance) =>
        chance.Next(100) switch
        {
            < 30 => SfuStep.OwnRtp,
            < 40 => SfuStep.Rtp,
            < 55 => SfuStep.AimedRtcp,
            < 62 => SfuStep.Rtcp,
            < 72 => SfuStep.Raw,
            < 76 => SfuStep.Stranger,
            < 86 => SfuStep.Check,
            < 94 => SfuStep.Pause,
            < 96 => SfuStep.Lose,
            < 99 => SfuStep.Voice,
            _ => SfuStep.Rejoin,
        };

    private byte[] DataOf(SfuStep kind, Random chance, Corpus rtp)
    {
        switch (kind)
        {
            case SfuStep.OwnRtp:
            case SfuStep.Rtp:
                return chance.Next(8) == 0 ? rtp.Pick(chance) : RtpBytes.Mutate(chance, rtp.Pick(chance), rtp.Entries);
            case SfuStep.AimedRtcp:
            case SfuStep.Rtcp:
                return RtcpBytes.Mutate(chance, _rtcp.Pick(chance), _rtcp.Entries);
            case SfuStep.Raw:
            case SfuStep.Stranger:
                var corpus = (Corpus[])[_dtls, _srtp, _stun, rtp];
                var from = corpus[chance.Next(corpus.Length)];
                return Bytes.Mutate(chance, from.Pick(chance), from.Entries);
            case SfuStep.Check:
                return StunBytes.MutateAttributes(chance, _stun.Pick(chance), _stun.Entries);
            default:
                var data = new byte[4];
                chance.NextBytes(data);
                return data;
        }
    }
}
