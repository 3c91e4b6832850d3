using System.Globalization;

namespace Calls.TestKit;

/// <summary>
/// The wall clock of one server process, to be set like an administrator's or NTP's hand does: libfaketime (Debian's
/// package of that name) stands between the process and the system. What measures time goes on as ever.
/// </summary>
public sealed class FakeClock : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"calls-clock-{Guid.NewGuid():n}");

    /// <summary>A clock that is right, for now.</summary>
    public FakeClock() => Set(TimeSpan.Zero);

    /// <summary>What the process' environment needs.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library(),
            ["FAKETIME_TIMESTAMP_FILE"] = _file,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };

    /// <summary>Sets the clock so far ahead of the right time, or behind it.</summary>
    public void Set(TimeSpan ahead)
    {
        // Replaced at one stroke: the process reads it at any moment.
        var next = $"{_file}-next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{(long)ahead.TotalSeconds:+0;-0;+0}\n"));
        File.Move(next, _file, overwrite: true);
    }

    public void Dispose() => File.Delete(_file);

    private static string Library() =>
        Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).FirstOrDefault()
        ?? throw new InvalidOperationException("libfaketime is missing: install Debian's package of that name.");
}
