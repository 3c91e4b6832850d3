using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Calls.Media.Srtp;

/// <summary>
/// GHASH (NIST SP 800-38D §6.4) by carry-less multiplication. Computed as POLYVAL on reversed bytes (RFC 8452 appendix A), whose bit
/// order is the processor's, with up to sixteen products added up before one reduction, which is one for a packet of speech.
/// </summary>
internal struct Ghash
{
    private const int BlockLength = AesInstructions.BlockLength;
    private const int MaxGroup = 16;

    private Powers _powers;

    [InlineArray(MaxGroup)]
    private struct Powers
    {
        private Vector128<ulong> _first;
    }

    /// <summary>From the hash key: the encryption of the zero block.</summary>
    public Ghash(Vector128<byte> hashKey)
    {
        _powers[0] = TimesX(Reverse(hashKey));
        for (var i = 1; i < MaxGroup; i++)
        {
            var product = default(Product);
            product.Add(_powers[i - 1], _powers[0]);
            _powers[i] = product.Reduce();
        }
    }

    /// <summary>The hash of associated data, text and their lengths.</summary>
    public readonly Vector128<byte> Compute(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> text)
    {
        var run = new Run
        {
            Powers = ref Unsafe.As<Powers, Vector128<ulong>>(ref Unsafe.AsRef(in _powers)),
            Remaining = Blocks(associated) + Blocks(text) + 1,
        };
        run.BeginGroup();
        Absorb(ref run, associated);
        Absorb(ref run, text);

        // Both lengths in bits, the associated data's in front: reversed, the text's is the lower half.
        run.Add(Vector128.Create((ulong)text.Length * 8, (ulong)associated.Length * 8));
        return Reverse(run.State.AsByte()).AsByte();
    }

    private static int Blocks(ReadOnlySpan<byte> bytes) => (bytes.Length + BlockLength - 1) / BlockLength;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Absorb(ref Run run, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= BlockLength)
        {
            run.Add(Reverse(Vector128.Create(bytes[..BlockLength])));
            bytes = bytes[BlockLength..];
        }

        if (!bytes.IsEmpty)
        {
            run.Add(Reverse(AesInstructions.Pad(bytes)));
        }
    }

    // state = (state + X1)·H^n + X2·H^(n-1) + … + Xn·H for each group of at most sixteen blocks.
    private ref struct Run
    {
        public ref Vector128<ulong> Powers;
        public Vector128<ulong> State;
        public int Remaining;
        private Product _product;
        private int _power;

        public void BeginGroup()
        {
            _power = Math.Min(Remaining, MaxGroup);
            _product = default;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> block)
        {
            Remaining--;
            _power--;
            _product.Add(block ^ State, Unsafe.Add(ref Powers, _power));
            State = Vector128<ulong>.Zero;
            if (_power == 0)
            {
                State = _product.Reduce();
                BeginGroup();
            }
        }
    }

    private static Vector128<ulong> Reverse(Vector128<byte> block) =>
        Ssse3.Shuffle(block, Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)).AsUInt64();

    // RFC 8452 appendix A: the key of the equivalent POLYVAL is the reversed one times x, modulo x^128 + x^127 + x^126 + x^121 + 1.
    private static Vector128<ulong> TimesX(Vector128<ulong> value)
    {
        var (low, high) = (value.GetElement(0), value.GetElement(1));
        var carry = high >> 63;
        high = (high << 1) | (low >> 63);
        low <<= 1;
        return Vector128.Create(low ^ carry, high ^ (carry * Product.Polynomial));
    }

    /// <summary>A sum of products of 128-bit polynomials, not reduced yet.</summary>
    private struct Product
    {
        /// <summary>The upper half of the polynomial: x^127 + x^126 + x^121 (x^128 and 1 are understood).</summary>
        public const ulong Polynomial = 0xC200_0000_0000_0000;

        private Vector128<ulong> _low;
        private Vector128<ulong> _middle;
        private Vector128<ulong> _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> a, Vector128<ulong> b)
        {
            _low ^= Pclmulqdq.CarrylessMultiply(a, b, 0x00);
            _high ^= Pclmulqdq.CarrylessMultiply(a, b, 0x11);
            _middle ^= Pclmulqdq.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x10);
        }

        /// <summary>The sum times x^-128, modulo the polynomial: two folds of 64 bits.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce()
        {
            var polynomial = Vector128.CreateScalar(Polynomial);
            var low = _low ^ Sse2.ShiftLeftLogical128BitLane(_middle, 8);
            var high = _high ^ Sse2.ShiftRightLogical128BitLane(_middle, 8);
            low = Swap(low) ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
            low = Swap(low) ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
            return low ^ high;
        }

        private static Vector128<ulong> Swap(Vector128<ulong> value) =>
            Sse2.Shuffle(value.AsUInt32(), 0b01_00_11_10).AsUInt64();
    }
}
