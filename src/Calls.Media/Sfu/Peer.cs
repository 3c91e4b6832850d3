using Calls.Media.Ice;

namespace Calls.Media.Sfu;

/// <summary>One session as the data plane sees it: where it is, its keys, what it sends and what it gets.</summary>
internal sealed class Peer(AddPeer opened)
{
    /// <summary>Verified addresses that are remembered per session: a phone has Wi-Fi and mobile, each in two families and by UDP and TCP, and a NAT may change some.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Nothing is sent any longer to an address from which so long neither a valid check nor an authentic packet came: whoever lives there now may not want it (RFC 7675 section 5.1).</summary>
    public static readonly TimeSpan Consent = TimeSpan.FromSeconds(30);

    private readonly List<NetworkPath> _addresses = [];
    private TimeSpan _heardAtAddress;

    public PeerId Id { get; } = opened.Id;
    public string SessionId { get; } = opened.SessionId;
    public IceCredentials Ice { get; } = opened.Ice;
    public PeerCounters Counters { get; } = opened.Counters;
    public Microphone Microphone { get; } = new(opened.Id);
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

    /// <summary>When the last valid check or authentic packet came.</summary>
    public TimeSpan LastHeard { get; set; }

    /// <summary>Whether the owner has been told that media flows.</summary>
    public bool IsToldConnected { get; set; }

    /// <summary>Whether there are keys and an address to send with.</summary>
    public bool CanBeReached => Keys is not null && Address is not null;

    /// <summary>When the next reports are due.</summary>
    public TimeSpan NextReport { get; set; }

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
