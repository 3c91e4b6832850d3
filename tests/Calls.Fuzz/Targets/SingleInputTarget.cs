using Calls.Fuzz.Engine;

namespace Calls.Fuzz.Targets;

/// <summary>A target whose case is one input, measured as a whole.</summary>
internal abstract class SingleInputTarget : FuzzTarget
{
    public sealed override void Run(byte[] input, Meter meter)
    {
        meter.Start();
        Read(input);
        meter.Stop();
        Examine(input);
    }

    /// <summary>What is fuzzed; keeps what came of it.</summary>
    protected abstract void Read(byte[] input);

    /// <summary>Whether what came of it is as it must be; not measured.</summary>
    protected virtual void Examine(byte[] input) { }
}
