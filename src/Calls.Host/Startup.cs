using Calls.Actors.Persistence;
using Calls.Host.Auth;
using Calls.Host.Nodes;
using Calls.Host.Rest;
using Calls.Host.Settings;
using Calls.Host.Signalling;
using Calls.Host.Telemetry;
using Calls.Media;

namespace Calls.Host;

/// <summary>What happens between the command line and the first request. Whatever is wrong stops the start with a message that names it.</summary>
internal static class Startup
{
    private const string DefaultUrl = "http://localhost:8080";

    /// <summary>Reads the settings from file, environment and command line.</summary>
    public static (CallsSettings? Settings, IReadOnlyList<SettingError> Errors) LoadSettings(
        WebApplicationBuilder builder,
        CommandLine arguments
    )
    {
        var fileErrors = SettingsFile.AddTo(builder.Configuration, arguments.ConfigFile);
        ConsoleLog.AddDefaults(builder.Configuration);
        IReadOnlyList<SettingError> before = [.. arguments.Errors, .. fileErrors];
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.WebHost.UseUrls(DefaultUrl);
        var urls = (builder.Configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries);
        var loaded = CallsSettings.Load(builder.Configuration, builder.Environment.IsDevelopment(), urls);
        return before.Count > 0 ? (null, [.. before, .. loaded.Errors]) : (loaded.Settings, loaded.Errors);
    }

    /// <summary>Says what is wrong, one line each; gives the exit code.</summary>
    public static int Refuse(IReadOnlyList<SettingError> errors)
    {
        Console.Error.WriteLine("The service cannot start:");
        foreach (var error in errors)
            Console.Error.WriteLine($"  {error}");
        return 1;
    }

    /// <summary>Opens the store, starts the node, and registers what the routes use; null, or why that could not be.</summary>
    public static async Task<SettingError?> AddServices(WebApplicationBuilder builder, CallsSettings settings)
    {
        var services = builder.Services;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var time = TimeProvider.System;
        var random = new SecureRandom();
        // Lives as long as the process: the node is started before the container that shares it.
        var logs = ConsoleLog.Create(builder.Configuration);
        var (store, problem) = await Stores.Open(settings, time, random, logs);
        if (store is null)
            return problem;
        if (ReachableAddresses.Of(settings.Media).Count == 0)
        {
            await store.DisposeAsync();
            return new SettingError(
                "calls.media.addresses",
                "no interface has an address that clients could reach; give at least one"
            );
        }
        var connections = new Connections();
        try
        {
            var bus = await Stores.OpenBus(settings, time, logs);
            var node = await CallNode.Start(settings, store, bus, connections, time, random, logs);
            // Handed over by a function, it is the container's to stop.
            services.AddSingleton(_ => node);
        }
        catch (MediaPortInUseException e)
        {
            await store.DisposeAsync();
            return new SettingError("calls.media.port", e.Message);
        }
        var keys = settings.Auth.Keys;
        if (builder.Environment.IsDevelopment())
        {
            var tokens = await DevTokens.Create(store, settings.Auth.Issuer, settings.Auth.Audience, time);
            services.AddSingleton(tokens);
            keys = [.. keys, tokens.Key];
            await DevRoutes.MakeDemoChannels(store);
        }
        services.AddSingleton(time);
        services.AddSingleton(connections);
        services.AddSingleton(new TokenValidator(keys, settings.Auth.Issuer, settings.Auth.Audience, time));
        services.AddSingleton(new HostMetrics(connections));
        services.AddSingleton<CommandObserver>();
        services.AddSingleton(ExportOptions.Read(builder.Configuration));
        services.AddHostedService<TelemetryExport>();
        services.AddSingleton<Gateway>();
        services.AddSingleton<Drain>();
        if (settings.Store == StoreKind.Redis)
            services.AddHostedService<LostWords>();
        services.AddSingleton<IHostLifetime, DrainOnSignal>();
        services.AddSingleton<SocketEndpoint>();
        return null;
    }

    /// <summary>Once it listens, says where, and who can sign in.</summary>
    public static Task Announce(WebApplication app, CallsSettings settings)
    {
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var node = app.Services.GetRequiredService<CallNode>();
            node.DrainAsked = app.Services.GetRequiredService<Drain>().Begin;
            Console.Out.WriteLine($"Calls is ready on {string.Join(", ", app.Urls)}");
            Console.Out.WriteLine(
                $"  media on UDP and TCP port {node.Media.Port}; journal: {settings.Store switch
            {
                StoreKind.Embedded => Path.GetFullPath(settings.Data.Path),
                _ => "Redis",
            }}"
            );
            if (app.Environment.IsDevelopment())
                Console.Out.WriteLine(
                    $"  Development: sign in as {string.Join(", ", DevRoutes.DemoUserIds)} (two browser tabs make a call)"
                );
        });
        return Task.CompletedTask;
    }
}
