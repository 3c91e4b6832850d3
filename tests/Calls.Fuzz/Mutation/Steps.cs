using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Calls.Fuzz.Mutation;

/// <summary>What one case does when it is a story and not one input.</summary>
/// <param name="Kind">What is done with the bytes; its meaning is the target's.</param>
/// <param name="Data">The bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Step(byte Kind, byte[] Data);

/// <summary>A story in one file: of each step the kind, two bytes of length, and its bytes.</summary>
internal static class Steps
{
    private const int Header = 3;

    public static byte[] Write(IEnumerable<Step> steps)
    {
        var file = new List<byte>();
        foreach (var step in steps)
        {
            file.AddRange([step.Kind, (byte)(step.Data.Length >> 8), (byte)step.Data.Length, .. step.Data]);
        }
        return [.. file];
    }

    /// <summary>Reads all that is whole.</summary>
    public static List<Step> Read(byte[] file)
    {
        var steps = new List<Step>();
        for (var at = 0; at + Header <= file.Length; )
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 1));
            length = Math.Min(length, file.Length - at - Header);
            steps.Add(new Step(file[at], file.AsSpan(at + Header, length).ToArray()));
            at += Header + length;
        }
        return steps;
    }
}
