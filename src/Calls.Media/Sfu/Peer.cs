using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;

namespace Calls.Media.Sfu;

/// <summary>One session as the data plane sees it: where it is, its keys, what it sends and what it gets.</summary>
internal sealed class Peer(AddPeer opened)
{
    /// <summary>Verified addresses that are remembered per session: a phone has Wi-Fi and mobile, each in two families and by UDP and TCP, and a NAT may change some.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Nothing is sent any longer to an address from which so long neither a valid check nor an authentic packet came: whoever lives there now may not want it (RFC 7675 section 5.1).</summary>
    public static readonly TimeSpan Consent = TimeSpan.FromSeconds(30);

    // A voice's stream with its headers at 40 kbit/s, in bytes a second: what a session's bandwidth is reckoned from (RFC 3550 section 6.2).
    private const double NominalStream = 5_000;

    private readonly List<NetworkPath> _addresses = new(1); // most clients have one
    private RtcpInterval _reportInterval;
    private SendCeiling _ceiling = new();
    private ushort _transportSequence;
    private TimeSpan _heardAtAddress;

    public PeerId Id { get; } = opened.Id;
    public string SessionId { get; } = opened.SessionId;
    public IceCredentials Ice { get; } = opened.Ice;
    public PeerCounters Counters { get; } = opened.Counters;

    /// <summary>What the client sends: one each for microphone, camera and screen at most, and gone through for each packet.</summary>
    public List<Uplink> Uplinks { get; } = [];
    public List<Downlink> Downlinks { get; } = [];
    public bool IsMuted { get; set; } = opened.Muted;
    public bool IsDeafened { get; set; } = opened.Deafened;

    /// <summary>Where media goes, once a check has come.</summary>
    public NetworkPath? Address { get; private set; }

    /// <summary>Null until the handshake is done, and again when the client has said goodbye.</summary>
    public PeerKeys? Keys { get; set; }

    /// <summary>Whether an authentic packet has come under the keys.</summary>
    public bool HasUsedKeys { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>Whether nothing that it sends is forwarded, until its owner has said that the session is still there.</summary>
    public bool IsHeld { get; set; }

    /// <summary>When the last valid check or authentic packet came.</summary>
    public TimeSpan LastHeard { get; set; }

    /// <summary>Whether the owner has been told that media flows.</summary>
    public bool IsToldConnected { get; set; }

    /// <summary>Whether there are keys and an address to send with.</summary>
    public bool CanBeReached => Keys is not null && Address is not null;

    /// <summary>When the next reports are due.</summary>
    public TimeSpan NextReport { get; set; }

    /// <summary>How much the client may still send.</summary>
    public ref SendCeiling Ceiling => ref _ceiling;

    /// <summary>How far apart reports are.</summary>
    public ref RtcpInterval ReportInterval => ref _reportInterval;

    /// <summary>The client's own time as it last told it, and when that was here; for clients that want to know their round trip without sending anything.</summary>
    public (uint Ssrc, NtpTime Time, TimeSpan At)? ReferenceTime { get; set; }

    /// <summary>When the client's packets came, as long as it wants to know.</summary>
    public ArrivalLog? Arrivals { get; set; }

    /// <summary>What all streams to and from the client may take together, in bytes a second.</summary>
    public double Bandwidth => NominalStream * (1 + Downlinks.Count);

    /// <summary>The source on one of the client's own lines.</summary>
    public Uplink UplinkOf(string mid)
    {
        var uplink = Uplinks.Find(uplink => uplink.Mid == mid);
        if (uplink is null)
        {
            Uplinks.Add(uplink = new Uplink(Id, mid));
        }
        return uplink;
    }

    /// <summary>Which source a packet is of: the one that its stream was taken for before, else the one that its MID names (RFC 9143 section 9.2), else the only one that it can be of. Null when none is, or nobody can tell.</summary>
    public Uplink? UplinkOf(in RtpPacket packet)
    {
        foreach (var uplink in Uplinks)
        {
            if (uplink.Ssrc == packet.Ssrc)
            {
                return uplink;
            }
        }
        Uplink? only = null;
        var count = 0;
        foreach (var uplink in Uplinks)
        {
            if (uplink.IsNamedBy(packet))
            {
                return uplink;
            }
            if (uplink.HasType(packet.PayloadType))
            {
                (only, count) = (uplink, count + 1);
            }
        }
        return count == 1 ? only : null;
    }

    /// <summary>The number of the next packet to the client, over all its lines. Given by the one thread that forwards.</summary>
    public ushort NextTransportSequence() => _transportSequence++;

    /// <summary>A check from there was valid. The first one is taken at once, later ones only when the client nominates them: browsers go on checking spare pairs (RFC 8445 section 8.1.1).</summary>
    /// <returns>An address to be forgotten because there are too many, if any.</returns>
    public NetworkPath? Verified(NetworkPath from, bool nominated)
    {
        if (Address is null || nominated)
        {
            Address = from;
        }
        if (_addresses.Contains(from))
        {
            return null;
        }
        _addresses.Add(from);
        if (_addresses.Count <= MaxAddresses)
        {
            return null;
        }
        var oldest = _addresses.FindIndex(address => address != Address);
        var forgotten = _addresses[oldest];
        _addresses.RemoveAt(oldest);
        return forgotten;
    }

    /// <summary>A valid check or an authentic packet came from there.</summary>
    public void HeardAt(in NetworkPath from, TimeSpan now)
    {
        if (_addresses.Count == 1 || from == Address)
        {
            _heardAtAddress = now;
        }
    }

    /// <summary>Lets go of the address if the consent to send there is over; the next valid check says where the client is.</summary>
    public void ExpireConsent(TimeSpan now)
    {
        if (Address is not null && now - _heardAtAddress >= Consent)
        {
            Address = null;
        }
    }

    /// <summary>Nothing sent there arrives any more.</summary>
    public void Lose(NetworkPath path)
    {
        _addresses.Remove(path);
        if (Address == path)
        {
            Address = _addresses.Count > 0 ? _addresses[^1] : null;
        }
    }

    public IReadOnlyList<NetworkPath> Addresses => _addresses;
}
