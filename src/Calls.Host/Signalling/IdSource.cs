using System.Security.Cryptography;

namespace Calls.Host.Signalling;

/// <summary>Random ids that nobody can guess.</summary>
internal sealed class IdSource
{
    /// <summary>An id of so many random bytes, in hexadecimal.</summary>
    public string Next(int bytes) => RandomNumberGenerator.GetHexString(2 * bytes, lowercase: true);
}
