using Calls.Media.Srtp;

namespace Calls.Media.Tests.Srtp;

/// <summary>Every implementation of AES that this machine can run, so that each test holds for all of them.</summary>
internal static class Engines
{
    public static string[] Names => AesInstructions.IsSupported ? ["framework", "instructions"] : ["framework"];

    public static CounterKey Counter(string name, byte[] key) =>
        name == "framework" ? new FrameworkCounterKey(key) : new InstructionCounterKey(key);

    public static GcmKey Gcm(string name, byte[] key) =>
        name == "framework" ? new FrameworkGcmKey(key) : new InstructionGcmKey(key);
}
