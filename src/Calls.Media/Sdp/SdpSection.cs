using System.Globalization;
using Calls.Media.Dtls;

namespace Calls.Media.Sdp;

/// <summary>Collects the lines of one section (the session's, or one m-line's) while a description is read.</summary>
internal sealed class SdpSection
{
    private const int MaxMidLength = 16; // characters; ours have at most three, and an answer repeats ours
    private readonly List<SdpCodec> _codecs = [];
    private readonly Dictionary<string, int> _extensions = new(StringComparer.Ordinal);
    private readonly List<uint> _ssrcs = [];
    private readonly List<(int PayloadType, string Kind)> _feedback = [];
    private bool _takesReducedSize;
    private readonly List<byte> _payloadTypes = [];
    private string _kind = "";

    public string? Mid { get; private set; }
    public bool Rejected { get; private set; }
    public SdpDirection? Direction { get; private set; }
    public DtlsFingerprint? Fingerprint { get; private set; }
    public string? Setup { get; private set; }

    /// <summary>Reads <c>m=audio 9 UDP/TLS/RTP/SAVPF 111 63</c> behind the equals sign.</summary>
    public bool TryMedia(ReadOnlySpan<char> value, out string problem)
    {
        problem = "";
        var index = 0;
        foreach (var range in value.Split(' '))
        {
            var word = value[range];
            switch (index++)
            {
                case 0 when word is "audio" or "video":
                    _kind = word.ToString();
                    break;
                case 0:
                    problem = "m= with another medium than audio and video";
                    return false;
                case 1 when TryNumber(word, ushort.MaxValue, out var port):
                    Rejected = port == 0;
                    break;
                case 1:
                    problem = "m= without a port";
                    return false;
                case 2 when word is "UDP/TLS/RTP/SAVPF":
                    break;
                case 2:
                    problem = "m= with another protocol than UDP/TLS/RTP/SAVPF";
                    return false;
                default:
                    if (!TryNumber(word, 127, out var type) || _payloadTypes.Count == SdpParser.MaxPerLine)
                    {
                        problem = "m= with a format that is no payload type, or too many of them";
                        return false;
                    }
                    _payloadTypes.Add((byte)type);
                    break;
            }
        }
        problem = index < 4 ? "m= is incomplete" : "";
        return index >= 4;
    }

    /// <summary>Reads what stands behind <c>a=</c>; attributes that are of no use here are passed over.</summary>
    public bool TryAttribute(ReadOnlySpan<char> value, out string problem)
    {
        var colon = value.IndexOf(':');
        var name = colon < 0 ? value : value[..colon];
        var rest = colon < 0 ? default : value[(colon + 1)..].Trim(' ');
        var taken = name switch
        {
            "mid" => TryMid(rest),
            "setup" => TrySetup(rest),
            "fingerprint" => TryFingerprint(rest),
            "rtpmap" => TryRtpMap(rest),
            "extmap" => TryExtension(rest),
            "ssrc" => TrySsrc(rest),
            "rtcp-fb" => TryFeedback(rest),
            "rtcp-rsize" => _takesReducedSize = true,
            "sendrecv" => Go(SdpDirection.SendRecv),
            "sendonly" => Go(SdpDirection.SendOnly),
            "recvonly" => Go(SdpDirection.RecvOnly),
            "inactive" => Go(SdpDirection.Inactive),
            _ => true,
        };
        problem = taken ? "" : $"a={name} is ill-formed, or one too many";
        return taken;
    }

    public SdpAnswerLine ToLine(SdpDirection otherwise) =>
        new()
        {
            Kind = _kind,
            Mid = Mid ?? "",
            Rejected = Rejected,
            Direction = Direction ?? otherwise,
            // In the order of the m-line, which is that of preference, and without maps for types that it does not name.
            Codecs = [.. _payloadTypes.SelectMany(type => _codecs.Where(codec => codec.PayloadType == type).Take(1))],
            Extensions = _extensions,
            Ssrcs = _ssrcs,
            Feedback = _feedback,
            TakesReducedSize = _takesReducedSize,
        };

    private bool Go(SdpDirection direction)
    {
        Direction = direction;
        return true;
    }

    private bool TryMid(ReadOnlySpan<char> value)
    {
        Mid = value.Length is > 0 and <= MaxMidLength ? value.ToString() : null;
        return Mid is not null;
    }

    private bool TrySetup(ReadOnlySpan<char> value)
    {
        Setup = value switch
        {
            "active" => "active",
            "passive" => "passive",
            "actpass" => "actpass",
            "holdconn" => "holdconn",
            _ => null,
        };
        return Setup is not null;
    }

    // There may be several, of different hashes (RFC 8122 section 5); the one that we have is enough.
    private bool TryFingerprint(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (space < 0)
        {
            return false;
        }
        if (!value[..space].Equals("sha-256", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        if (!DtlsFingerprint.TryParse(value[(space + 1)..].Trim(' '), out var fingerprint))
        {
            return false;
        }
        Fingerprint = fingerprint;
        return true;
    }

    private bool TryRtpMap(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (space < 0 || !TryNumber(value[..space], 127, out var type) || _codecs.Count == SdpParser.MaxPerLine)
        {
            return false;
        }
        var encoding = value[(space + 1)..].Trim(' ');
        var slash = encoding.IndexOf('/');
        if (slash <= 0)
        {
            return false;
        }
        var clock = encoding[(slash + 1)..];
        var channels = clock.IndexOf('/');
        if (!TryNumber(channels < 0 ? clock : clock[..channels], int.MaxValue, out var rate))
        {
            return false;
        }
        _codecs.Add(new SdpCodec((byte)type, Text(encoding[..slash]), (int)rate));
        return true;
    }

    // a=extmap:ID[/direction] URI [attributes] (RFC 8285 section 5)
    private bool TryExtension(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (space < 0 || _extensions.Count == SdpParser.MaxPerLine)
        {
            return false;
        }
        var slash = value[..space].IndexOf('/');
        if (!TryNumber(value[..(slash < 0 ? space : slash)], 4351, out var id) || id == 0)
        {
            return false;
        }
        var uri = value[(space + 1)..].Trim(' ');
        var end = uri.IndexOf(' ');
        _extensions[Text(end < 0 ? uri : uri[..end])] = (int)id;
        return true;
    }

    // a=rtcp-fb:111 nack, or a=rtcp-fb:* nack for all (RFC 4585 section 4.2)
    private bool TryFeedback(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        long type = -1;
        // What cannot be read is passed over, as unknown ways are, and so are those beyond far more than video lines have.
        if (
            space >= 0
            && (value[..space] is "*" || TryNumber(value[..space], 127, out type))
            && _feedback.Count < SdpParser.MaxPerLine
        )
        {
            _feedback.Add(((int)type, Text(value[(space + 1)..].Trim(' '))));
        }
        return true;
    }

    private bool TrySsrc(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (!TryNumber(space < 0 ? value : value[..space], uint.MaxValue, out var ssrc))
        {
            return false;
        }
        if (!_ssrcs.Contains((uint)ssrc))
        {
            if (_ssrcs.Count == SdpParser.MaxPerLine)
            {
                return false;
            }
            _ssrcs.Add((uint)ssrc);
        }
        return true;
    }

    // Answers repeat on every m-line what the offer said there: those words need no texts of their own.
    private static string Text(ReadOnlySpan<char> word)
    {
        foreach (var offered in SdpFormats.Offered)
        {
            if (word.SequenceEqual(offered))
            {
                return offered;
            }
        }
        return word.ToString();
    }

    private static bool TryNumber(ReadOnlySpan<char> text, long max, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}
