using System.Security.Cryptography;

namespace Calls.Host.Nodes;

/// <summary>The system's cryptographic source behind the interface of <see cref="Random"/>: ids of calls and sessions must not be guessed.</summary>
internal sealed class SecureRandom : Random
{
    public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    public override void NextBytes(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    public override double NextDouble() => Sample();

    protected override double Sample() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
