namespace Calls.Media.Tests.Sfu;

/// <summary>What a client takes out of an offer, by plain reading.</summary>
internal sealed class OfferReader
{
    public OfferReader(string sdp)
    {
        foreach (var line in sdp.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("m=", StringComparison.Ordinal))
            {
                Lines.Add(new OfferedLine());
            }
            else if (Value(line, "a=ice-ufrag:") is { } ufrag)
            {
                Ufrag = ufrag;
            }
            else if (Value(line, "a=ice-pwd:") is { } password)
            {
                Password = password;
            }
            else if (Value(line, "a=fingerprint:sha-256 ") is { } fingerprint)
            {
                Fingerprint = fingerprint;
            }
            else if (Lines.Count > 0)
            {
                ReadLine(Lines[^1], line);
            }
        }
    }

    public string Ufrag { get; } = "";
    public string Password { get; } = "";
    public string Fingerprint { get; } = "";
    public List<OfferedLine> Lines { get; } = [];

    private static void ReadLine(OfferedLine into, string line)
    {
        if (Value(line, "a=mid:") is { } mid)
        {
            into.Mid = mid;
        }
        else if (Value(line, "a=msid:") is { } msid)
        {
            into.Stream = msid.Split(' ')[0];
        }
        else if (Value(line, "a=ssrc:") is { } ssrc)
        {
            into.Ssrc = uint.Parse(ssrc.Split(' ')[0]);
        }
        else if (line is "a=sendonly" or "a=recvonly" or "a=inactive" or "a=sendrecv")
        {
            into.Direction = line[2..];
        }
    }

    private static string? Value(string line, string prefix) =>
        line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : null;
}

/// <summary>One m-line of an offer.</summary>
internal sealed class OfferedLine
{
    public string Mid { get; set; } = "";
    public string Direction { get; set; } = "";
    public string? Stream { get; set; }
    public uint Ssrc { get; set; }
}
