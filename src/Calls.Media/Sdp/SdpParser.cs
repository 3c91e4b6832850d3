using Calls.Media.Dtls;

namespace Calls.Media.Sdp;

/// <summary>Reads answers. They come from outside: whatever is wrong becomes words that name the line, never an exception, and nothing grows beyond its bound.</summary>
public static class SdpParser
{
    /// <summary>Characters of a description: what one signalling message holds.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Characters of a line; the longest that browsers write (video formats) have some 300.</summary>
    public const int MaxLineLength = 2_048;

    /// <summary>M-lines: 25 participants with three sources each, and as many again left over from those who went.</summary>
    public const int MaxMediaLines = 160;

    /// <summary>Codecs, extensions and SSRCs of one m-line, each; browsers' video lines have some 40 codecs.</summary>
    public const int MaxPerLine = 128;

    /// <summary>Reads an answer, or says what is wrong with it.</summary>
    public static bool TryParse(string sdp, out SdpAnswer? answer, out string error)
    {
        answer = null;
        if (sdp.Length > MaxLength)
        {
            error = $"the description has {sdp.Length} characters, {MaxLength} are allowed";
            return false;
        }
        var session = new SdpSection();
        var media = new List<SdpSection>();
        var number = 0;
        foreach (var raw in sdp.AsSpan().EnumerateLines())
        {
            number++;
            if (raw.IsEmpty)
            {
                continue;
            }
            if (!TryLine(raw, session, media, out var problem))
            {
                error = $"line {number}: {problem}";
                return false;
            }
        }
        return TryAssemble(session, media, out answer, out error);
    }

    private static bool TryLine(ReadOnlySpan<char> line, SdpSection session, List<SdpSection> media, out string problem)
    {
        if (line.Length > MaxLineLength)
        {
            problem = $"longer than {MaxLineLength} characters";
            return false;
        }
        if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]))
        {
            problem = "not of the form x=…";
            return false;
        }
        problem = "";
        var value = line[2..];
        switch (line[0])
        {
            case 'm' when media.Count == MaxMediaLines:
                problem = $"more than {MaxMediaLines} m-lines";
                return false;
            case 'm':
                var section = new SdpSection();
                media.Add(section);
                return section.TryMedia(value, out problem);
            case 'a':
                return (media.Count > 0 ? media[^1] : session).TryAttribute(value, out problem);
            default:
                return true; // v, o, s, t, c, b: nothing in them matters to one who knows the peer by its checks
        }
    }

    private static bool TryAssemble(SdpSection session, List<SdpSection> media, out SdpAnswer? answer, out string error)
    {
        answer = null;
        DtlsFingerprint? fingerprint = null;
        for (var i = 0; i < media.Count; i++)
        {
            var section = media[i];
            if (section.Rejected)
            {
                continue; // stands outside the transport, and may lack everything that belongs to it
            }
            if (section.Mid is null)
            {
                error = $"m-line {i} has no a=mid";
                return false;
            }
            var setup = section.Setup ?? session.Setup;
            if (setup is not "active")
            {
                error = $"m-line {i}: a=setup must be active in an answer, and is {setup ?? "missing"}";
                return false;
            }
            var its = section.Fingerprint ?? session.Fingerprint;
            if (its is null)
            {
                error = $"m-line {i} has no a=fingerprint with sha-256";
                return false;
            }
            if (fingerprint is not null && fingerprint != its)
            {
                error = $"m-line {i}: another a=fingerprint than the lines before, on one transport";
                return false;
            }
            fingerprint = its;
        }
        if (fingerprint is null)
        {
            error = "no m-line is accepted";
            return false;
        }
        error = "";
        answer = new SdpAnswer(
            fingerprint.Value,
            [.. media.Select(section => section.ToLine(session.Direction ?? SdpDirection.SendRecv))]
        );
        return true;
    }
}
