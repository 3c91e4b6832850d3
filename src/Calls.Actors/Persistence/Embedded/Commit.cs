using System.Buffers;
using System.Text.Json;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>The changes of one commit as a frame in the making.</summary>
internal sealed class Commit : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[4096];

    public Commit() => Clear();

    public List<Change> Changes { get; } = [];

    public int Size { get; private set; }

    public void Clear()
    {
        Changes.Clear();
        Size = Frame.HeaderSize;
    }

    /// <summary>Adds a line; nothing if it throws.</summary>
    public void Add(Change change)
    {
        var before = Size;
        try
        {
            if (Changes.Count > 0)
                this.Write("\n"u8);
            using var json = new Utf8JsonWriter(this);
            JsonSerializer.Serialize(json, change, StoreJson.Default.Change);
        }
        catch
        {
            Size = before;
            throw;
        }
        Changes.Add(change);
    }

    /// <summary>The frame, ready to be written; valid until more is added.</summary>
    public ReadOnlySpan<byte> Seal()
    {
        var frame = _bytes.AsSpan(0, Size);
        Frame.Seal(frame);
        return frame;
    }

    void IBufferWriter<byte>.Advance(int count) => Size += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        var needed = Size + Math.Max(sizeHint, 256);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, 2 * _bytes.Length));
        return _bytes.AsMemory(Size);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => ((IBufferWriter<byte>)this).GetMemory(sizeHint).Span;
}
