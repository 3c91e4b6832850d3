namespace Calls.Media.Rtcp;

/// <summary>A time in the form of sender reports (RFC 3550 §4): seconds since 1900 in the upper 32 bits, their fraction in the lower.</summary>
public readonly record struct NtpTime(ulong Value)
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The middle 32 bits, in units of 1/65536 s: what a report block repeats.</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <summary>From the wall clock. The seconds wrap in 2036, as everybody's do.</summary>
    public static NtpTime From(DateTimeOffset time)
    {
        var ticks = (UInt128)(ulong)(time - Epoch).Ticks;
        return new NtpTime((ulong)((ticks << 32) / TimeSpan.TicksPerSecond));
    }

    /// <summary>A span of time in units of 1/65536 s, at most what 32 bits hold.</summary>
    internal static uint ToMiddleUnits(TimeSpan span) =>
        (uint)Math.Clamp(span.Ticks * 65_536.0 / TimeSpan.TicksPerSecond, 0, uint.MaxValue);

    internal static TimeSpan FromMiddleUnits(uint units) => new((long)units * TimeSpan.TicksPerSecond / 65_536);
}
