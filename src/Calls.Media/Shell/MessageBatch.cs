using System.Runtime.InteropServices;

namespace Calls.Media.Shell;

/// <summary>The kernel's view of a batch of datagrams: headers, addresses and control messages in memory that does not move, made once.</summary>
internal sealed unsafe class MessageBatch : SafeHandle
{
    private const int PerMessage = 64 + 16 + WireAddress.MaxLength + WireAddress.MaxControl;

    private readonly int _capacity;
    private readonly byte* _slots;
    private readonly int _slotSize;

    /// <param name="capacity">Most datagrams.</param>
    /// <param name="slots">Where their bytes are, one slot of <paramref name="slotSize"/> after the other; pinned.</param>
    /// <param name="slotSize">Bytes of a slot.</param>
    public MessageBatch(int capacity, byte[] slots, int slotSize)
        : base(0, ownsHandle: true)
    {
        if (sizeof(LibC.MultiMessage) != 64)
        {
            throw new PlatformNotSupportedException("The media server needs 64-bit Linux.");
        }
        _capacity = capacity;
        _slots = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(slots, 0);
        _slotSize = slotSize;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)capacity, PerMessage));
        for (var i = 0; i < capacity; i++)
        {
            Point(i, i, slotSize);
            Messages[i].Name = Names + (i * WireAddress.MaxLength);
            Messages[i].Vectors = Vectors + i;
            Messages[i].VectorCount = 1;
            Messages[i].Control = Controls + (i * WireAddress.MaxControl);
        }
    }

    public override bool IsInvalid => handle == 0;

    public LibC.MultiMessage* Messages => (LibC.MultiMessage*)handle;

    public LibC.IoVector* Vectors => (LibC.IoVector*)(Messages + _capacity);

    /// <summary>A message is to consist of the first bytes of a slot.</summary>
    public void Point(int message, int slot, int length)
    {
        Vectors[message].Base = _slots + (slot * _slotSize);
        Vectors[message].Length = (nuint)length;
    }

    public Span<byte> Name(int index) => new(Names + (index * WireAddress.MaxLength), WireAddress.MaxLength);

    public Span<byte> Control(int index) => new(Controls + (index * WireAddress.MaxControl), WireAddress.MaxControl);

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }

    private byte* Names => (byte*)(Vectors + _capacity);

    private byte* Controls => Names + (_capacity * WireAddress.MaxLength);
}
