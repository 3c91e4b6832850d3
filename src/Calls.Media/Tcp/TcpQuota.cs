using Calls.Media.Ice;

namespace Calls.Media.Tcp;

/// <summary>How many TCP connections there may be, in all and from one address. Any thread; never asked for a packet.</summary>
internal sealed class TcpQuota(int most, int mostPerAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong, ulong), int> _byAddress = [];
    private int _count;

    /// <summary>Connections that are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>One more from there; false if that is one too many.</summary>
    public bool TryTake(TransportAddress remote)
    {
        var key = KeyOf(remote);
        lock (_gate)
        {
            var its = _byAddress.GetValueOrDefault(key);
            if (_count >= most || its >= mostPerAddress)
            {
                return false;
            }
            _byAddress[key] = its + 1;
            _count++;
            return true;
        }
    }

    /// <summary>One from there is gone.</summary>
    public void Return(TransportAddress remote)
    {
        var key = KeyOf(remote);
        lock (_gate)
        {
            _count--;
            if (--_byAddress[key] == 0)
            {
                _byAddress.Remove(key);
            }
        }
    }

    // Of IPv6 the upper half: who has one address there has all of its network (RFC 6177).
    private static (ulong, ulong) KeyOf(TransportAddress remote) =>
        remote.IsIpv4 ? (remote.High, remote.Low) : (remote.High, 0);
}
