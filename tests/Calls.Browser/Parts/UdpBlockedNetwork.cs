using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Calls.Browser.Parts;

/// <summary>A network of its own on this machine (a namespace of the kernel's) with one way to the outside, on which a firewall drops every UDP packet in silence, both ways.</summary>
public sealed class UdpBlockedNetwork : IAsyncDisposable
{
    private const string Prefix = "calls-test-";
    private const string NamespaceFolder = "/run/netns";

    private static int made;

    private readonly string name;
    private readonly string outer;
    private readonly string inner;
    private string? launcher;

    private UdpBlockedNetwork(int number)
    {
        // Interfaces are named within 15 characters, and several runs may go on at once.
        var id = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{number}");
        (name, outer, inner) = ($"{Prefix}{id}", $"co{id}", $"ci{id}");
        var third = (byte)((Environment.ProcessId + number) % 250);
        Outside = new IPAddress([10, 231, third, 1]);
        Inside = new IPAddress([10, 231, third, 2]);
    }

    /// <summary>This machine's address as the network sees it.</summary>
    public IPAddress Outside { get; }

    /// <summary>The address of whoever is in the network.</summary>
    public IPAddress Inside { get; }

    /// <summary>Why there cannot be one here; null if there can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "network namespaces need root"
        : !IsInstalled("ip") ? "the program ip (Debian's iproute2) is missing"
        : !IsInstalled("nft") ? "the program nft (Debian's nftables) is missing"
        : null;

    public static async Task<UdpBlockedNetwork> Make()
    {
        await RemoveLeftovers();
        var network = new UdpBlockedNetwork(Interlocked.Increment(ref made));
        try
        {
            await network.Build();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>An executable that runs another one within the network, with the same arguments and open files.</summary>
    public string Launcher(string executable)
    {
        launcher = Path.Combine(Directory.CreateTempSubdirectory(Prefix).FullName, "run");
        File.WriteAllText(launcher, $"#!/bin/sh\nexec ip netns exec {name} {executable} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return launcher;
    }

    /// <summary>UDP packets that somebody in the network has sent in vain.</summary>
    public async Task<long> DroppedPackets()
    {
        using var rules = JsonDocument.Parse(
            await Run("ip", "netns", "exec", name, "nft", "-j", "list", "chain", "netdev", "calls", "out")
        );
        return rules
            .RootElement.GetProperty("nftables")
            .EnumerateArray()
            .Where(entry => entry.TryGetProperty("rule", out _))
            .SelectMany(entry => entry.GetProperty("rule").GetProperty("expr").EnumerateArray())
            .Where(part => part.TryGetProperty("counter", out _))
            .Sum(part => part.GetProperty("counter").GetProperty("packets").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        await TryRun("ip", "link", "del", outer); // and its other end with it
        await TryRun("ip", "netns", "del", name);
        if (launcher is not null)
        {
            Directory.Delete(Path.GetDirectoryName(launcher)!, recursive: true);
        }
    }

    private async Task Build()
    {
        await Run("ip", "netns", "add", name);
        await Run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name);
        await Run("ip", "addr", "add", $"{Outside}/30", "dev", outer);
        await Run("ip", "link", "set", outer, "up");
        await Run("ip", "-n", name, "addr", "add", $"{Inside}/30", "dev", inner);
        await Run("ip", "-n", name, "link", "set", inner, "up");
        await Run("ip", "-n", name, "link", "set", "lo", "up");
        // At the device, not before it: there the sender would be told.
        var rules = $$"""
            table netdev calls {
              chain out { type filter hook egress device "{{inner}}" priority 0; meta l4proto udp counter drop; }
              chain in { type filter hook ingress device "{{inner}}" priority 0; meta l4proto udp counter drop; }
            }
            """;
        await Run("ip", "netns", "exec", name, "nft", rules);
    }

    // Of runs that were killed.
    private static async Task RemoveLeftovers()
    {
        if (!Directory.Exists(NamespaceFolder))
        {
            return;
        }
        foreach (var path in Directory.GetFiles(NamespaceFolder, $"{Prefix}*"))
        {
            var left = Path.GetFileName(path);
            var id = left[Prefix.Length..];
            if (!Directory.Exists($"/proc/{id.Split('-')[0]}"))
            {
                await TryRun("ip", "link", "del", $"co{id}");
                await TryRun("ip", "netns", "del", left);
            }
        }
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task TryRun(string program, params string[] arguments)
    {
        try
        {
            await Run(program, arguments);
        }
        catch (InvalidOperationException)
        {
            // It was not there (any more).
        }
    }

    private static async Task<string> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await said
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await complained}");
    }
}

/// <summary>A test that needs a network of its own; passed over, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnNetworkFactAttribute : FactAttribute
{
    public OwnNetworkFactAttribute() => Skip = UdpBlockedNetwork.Obstacle;
}
