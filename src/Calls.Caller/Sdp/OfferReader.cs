using System.Globalization;
using System.Net;
using Calls.Media.Dtls;
using Calls.Media.Rtp;

namespace Calls.Caller.Sdp;

/// <summary>Reads an offer. Written from the protocol page and the RFCs, not with the server's own parser, so that a mistake of one is noticed by the other.</summary>
internal sealed class OfferReader
{
    private const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

    private readonly List<OfferedLine> _lines = [];
    private readonly List<(long Priority, IPEndPoint Address)> _candidates = [];
    private string? _ufrag;
    private string? _password;
    private DtlsFingerprint? _fingerprint;

    /// <summary>Reads the text; false with a word on what is missing or wrong.</summary>
    public static bool TryRead(string sdp, out SessionOffer? offer, out string problem)
    {
        offer = null;
        var reader = new OfferReader();
        foreach (var line in sdp.Split('\n'))
        {
            problem = reader.Read(line.TrimEnd('\r'));
            if (problem.Length > 0)
            {
                return false;
            }
        }

        problem = reader switch
        {
            { _ufrag: null } or { _password: null } => "no ICE credentials",
            { _fingerprint: null } => "no SHA-256 fingerprint",
            { _candidates.Count: 0 } => "no UDP candidate",
            { _lines.Count: 0 } => "no m-line",
            _ => "",
        };
        if (problem.Length > 0)
        {
            return false;
        }

        offer = new SessionOffer
        {
            Ufrag = reader._ufrag!,
            Password = reader._password!,
            Fingerprint = reader._fingerprint!.Value,
            // Every bundled line repeats the same candidates.
            Candidates = [.. reader._candidates.OrderByDescending(c => c.Priority).Select(c => c.Address).Distinct()],
            Lines = reader._lines,
        };
        return true;
    }

    private string Read(string line)
    {
        if (line.StartsWith("m=", StringComparison.Ordinal))
        {
            var words = line[2..].Split(' ', 3);
            if (words.Length < 3)
            {
                return $"an m-line without formats: {line}";
            }

            _lines.Add(new OfferedLine { Kind = words[0], Formats = words[2] });
            return "";
        }

        if (!line.StartsWith("a=", StringComparison.Ordinal))
        {
            return "";
        }

        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = colon < 0 ? (line[2..], "") : (line[2..colon], line[(colon + 1)..]);
        return ReadTransport(name, value) && (_lines.Count == 0 || ReadMedia(_lines[^1], name, value))
            ? ""
            : $"ill-formed: {line}";
    }

    private bool ReadTransport(string name, string value)
    {
        switch (name)
        {
            case "ice-ufrag":
                _ufrag ??= value;
                return true;
            case "ice-pwd":
                _password ??= value;
                return true;
            case "fingerprint" when value.StartsWith("sha-256 ", StringComparison.OrdinalIgnoreCase):
                var read = DtlsFingerprint.TryParse(value.AsSpan(8), out var fingerprint);
                _fingerprint ??= fingerprint;
                return read;
            case "candidate":
                return TryReadCandidate(value);
            default:
                return true;
        }
    }

    // foundation component transport priority address port typ type … (RFC 8839 §5.1)
    private bool TryReadCandidate(string value)
    {
        var words = value.Split(' ');
        if (
            words.Length < 8
            || !long.TryParse(words[3], CultureInfo.InvariantCulture, out var priority)
            || !ushort.TryParse(words[5], CultureInfo.InvariantCulture, out var port)
        )
        {
            return false;
        }

        // Names (mDNS) and ICE-TCP are not for this caller.
        if (words[2].Equals("udp", StringComparison.OrdinalIgnoreCase) && IPAddress.TryParse(words[4], out var address))
        {
            _candidates.Add((priority, new IPEndPoint(address, port)));
        }

        return true;
    }

    private static bool ReadMedia(OfferedLine line, string name, string value)
    {
        switch (name)
        {
            case "mid":
                line.Mid = value;
                return value.Length > 0;
            case "sendrecv":
                line.Direction = OfferedDirection.SendRecv;
                return true;
            case "sendonly":
                line.Direction = OfferedDirection.SendOnly;
                return true;
            case "recvonly":
                line.Direction = OfferedDirection.RecvOnly;
                return true;
            case "inactive":
                line.Direction = OfferedDirection.Inactive;
                return true;
            case "rtpmap" when value.Contains(" opus/48000", StringComparison.OrdinalIgnoreCase):
                line.HasOpus = byte.TryParse(
                    value.AsSpan(0, value.IndexOf(' ', StringComparison.Ordinal)),
                    out var type
                );
                line.OpusPayloadType = type;
                return line.HasOpus;
            case "rtpmap" when value.Contains(" red/48000", StringComparison.OrdinalIgnoreCase):
                var isType = byte.TryParse(
                    value.AsSpan(0, value.IndexOf(' ', StringComparison.Ordinal)),
                    out var redType
                );
                line.RedPayloadType = isType ? redType : null;
                return isType;
            case "rtcp-fb" when value.EndsWith(" nack", StringComparison.OrdinalIgnoreCase):
                line.HasNack = true;
                return true;
            case "extmap":
                return TryReadExtension(line, value);
            case "ssrc":
                var end = value.IndexOf(' ', StringComparison.Ordinal);
                var read = uint.TryParse(end < 0 ? value : value.AsSpan(0, end), out var ssrc);
                line.Ssrc = line.Ssrc == 0 ? ssrc : line.Ssrc;
                return read;
            default:
                return true;
        }
    }

    private static bool TryReadExtension(OfferedLine line, string value)
    {
        var words = value.Split(' ');
        if (words.Length < 2 || !int.TryParse(words[0].Split('/')[0], out var id))
        {
            return false;
        }

        // Only ids that fit the one-byte form are of use to the writer.
        int? usable = id is >= 1 and <= RtpExtensionMap.MaxOneByteId ? id : null;
        switch (words[1])
        {
            case AudioLevel.Uri:
                line.AudioLevelId = usable;
                break;
            case MidUri:
                line.MidId = usable;
                break;
        }

        return true;
    }
}
