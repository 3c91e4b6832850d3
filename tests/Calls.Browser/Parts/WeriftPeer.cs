using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Calls.Caller.Media;
using Calls.Caller.Opus;

namespace Calls.Browser.Parts;

/// <summary>A participant on a WebRTC stack that is no browser (werift, in a Node process of its own): says a tone, and decodes with libopus what it is given of each of the others.</summary>
public sealed class WeriftPeer : IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    private static readonly string Folder = Path.GetFullPath(
        typeof(WeriftPeer)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(entry => entry.Key == "WeriftPath")
            .Value!
    );

    private readonly ConcurrentDictionary<string, Listener> heard = new();
    private readonly ConcurrentQueue<string> said = new();
    private readonly CancellationTokenSource closing = new();
    private readonly ToneSource tone;
    private readonly Process process;
    private readonly Task speaking;

    private WeriftPeer(string userId, Process process)
    {
        UserId = userId;
        this.process = process;
        tone = new ToneSource(Tones.Of(userId));
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        speaking = Speak();
    }

    public string UserId { get; }

    /// <summary>What it tells of itself, and whom it has heard.</summary>
    public string Report =>
        $"{UserId}: {string.Join("; ", said)}; {string.Join("; ", heard.Select(entry => $"{entry.Key}: {entry.Value}"))}";

    /// <summary>Signs in and joins the call of the channel.</summary>
    public static async Task<WeriftPeer> Join(HostProcess host, string userId, string channel)
    {
        Directory
            .Exists(Path.Combine(Folder, "node_modules"))
            .ShouldBeTrue(
                "werift is not installed: run './build.sh test Browser' once, or 'npm ci' in tests/peers/werift"
            );
        string[] arguments = ["peer.mjs", host.Url.AbsoluteUri, await host.Token(userId), channel, "call_join"];
        var start = new ProcessStartInfo("node", arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new WeriftPeer(userId, Process.Start(start)!);
    }

    /// <summary>Hears for two seconds in all this tone of this speaker, and none of the others' tones.</summary>
    public async Task Hears(string speaker)
    {
        await Eventually.Holds(
            () => Task.FromResult(heard.TryGetValue(speaker, out var listener) && listener.Windows(speaker) >= 20),
            () => $"{speaker} is heard. {Report}"
        );
        heard[speaker].Others(speaker).ShouldBe(0, $"windows with another's tone from {speaker}. {Report}");
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await speaking;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        closing.Dispose();
        foreach (var listener in heard.Values)
        {
            listener.Dispose();
        }
    }

    private async Task Speak()
    {
        using var encoder = new OpusEncoder(new OpusSettings());
        using var timer = new PeriodicTimer(Frame);
        var samples = new short[OpusFormat.FrameSamples];
        var packet = new byte[OpusFormat.MaxPacketLength];
        var clock = Stopwatch.StartNew();
        try
        {
            // A late tick is made up for: the timer gives several that were missed as one.
            for (var frames = 0; ; await timer.WaitForNextTickAsync(closing.Token))
            {
                for (; frames * Frame <= clock.Elapsed; frames++)
                {
                    tone.Fill(samples);
                    var length = encoder.Encode(samples, packet);
                    var line = JsonSerializer.Serialize(new { opus = packet.AsMemory(0, length) });
                    await process.StandardInput.WriteLineAsync(line);
                }
                await process.StandardInput.FlushAsync();
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The test is over, or the peer is gone, which its report tells.
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }
        using var message = JsonDocument.Parse(line);
        if (!message.RootElement.TryGetProperty("opus", out var opus))
        {
            said.Enqueue(line);
            return;
        }
        var speaker = message.RootElement.GetProperty("user_id").GetString() ?? "nobody";
        heard.GetOrAdd(speaker, _ => new Listener()).Take(opus.GetBytesFromBase64());
    }

    /// <summary>One speaker's stream, decoded, in windows of 100 ms.</summary>
    private sealed class Listener : IDisposable
    {
        private const int WindowSamples = OpusFormat.SampleRate / 10;
        private const double Audible = 200; // of 32,768
        private const double MainTone = 0.5; // of a window's energy

        private readonly OpusDecoder decoder = new();
        private readonly short[] samples = new short[OpusFormat.MaxPacketSamples];
        private readonly List<short> window = [];
        private readonly ConcurrentDictionary<string, int> windows = new();
        private int packets;
        private int undecodable;

        public void Take(byte[] packet)
        {
            packets++;
            if (!decoder.TryDecode(packet, samples, out var count))
            {
                undecodable++;
                return;
            }
            window.AddRange(samples.AsSpan(0, count));
            while (window.Count >= WindowSamples)
            {
                Judge([.. window.GetRange(0, WindowSamples)]);
                window.RemoveRange(0, WindowSamples);
            }
        }

        /// <summary>Windows in which this user's tone was the main one.</summary>
        public int Windows(string user) => windows.GetValueOrDefault(user);

        /// <summary>Windows in which another's was.</summary>
        public int Others(string user) => windows.Where(entry => entry.Key != user).Sum(entry => entry.Value);

        public override string ToString() =>
            $"{packets} packets, {undecodable} undecodable, tones {string.Join(", ", windows)}";

        public void Dispose() => decoder.Dispose();

        private void Judge(short[] sound)
        {
            if (Goertzel.Loudness(sound) < Audible)
            {
                return;
            }
            foreach (var user in Tones.Users)
            {
                if (Goertzel.Share(sound, Tones.Of(user), OpusFormat.SampleRate) >= MainTone)
                {
                    windows.AddOrUpdate(user, 1, (_, count) => count + 1);
                }
            }
        }
    }
}
