namespace Calls.Fuzz.Engine;

/// <summary>What is fuzzed: makes cases of the corpus, runs them, and says what a case may cost. It may keep state from case to case; a fresh one is made for each run.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>As <c>--target</c> has it, and the folder of its regressions.</summary>
    public abstract string Name { get; }

    /// <summary>The folder of the corpus that its cases are made of.</summary>
    public virtual string CorpusName => Name;

    /// <summary>Bytes of the managed heap that one measured part may allocate.</summary>
    /// <param name="length">Of the case, in bytes.</param>
    public abstract long MaxAllocated(int length);

    /// <summary>Processor time that one measured part may take: some hundred times what it does take, so that only what is out of proportion is found.</summary>
    public virtual TimeSpan MaxTime => TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes that <see cref="State"/> may come to, however long it runs.</summary>
    public virtual long MaxState => 64 * 1024;

    /// <summary>What lives from case to case, for <see cref="StateWeight"/>; null for nothing.</summary>
    public virtual object? State => null;

    /// <summary>Makes a case. Nothing but the corpus and chance may decide on it.</summary>
    public abstract byte[] Make(Random chance, Corpus corpus);

    /// <summary>Runs a case; an exception is a finding, whichever it is.</summary>
    /// <param name="input">The case. It may be changed.</param>
    /// <param name="meter">To be started before and stopped after what is to be measured.</param>
    public abstract void Run(byte[] input, Meter meter);

    public void Dispose() => Release();

    /// <summary>Lets go of what is not the collector's.</summary>
    protected virtual void Release() { }

    /// <summary>Throws when what must hold does not.</summary>
    protected static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzFailureException(what);
        }
    }
}

/// <summary>Something that must hold for every input did not.</summary>
internal sealed class FuzzFailureException(string what) : Exception(what);
