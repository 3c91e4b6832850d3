using System.Net;
using Calls.Media.Dtls;

namespace Calls.Media.Sdp;

/// <summary>What is the same in every offer of a server: where it is and who it is.</summary>
public sealed record SdpTransport(DtlsFingerprint Fingerprint, IReadOnlyList<IPAddress> Addresses, int Port);
