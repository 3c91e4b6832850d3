using Calls.Host;
using Calls.Host.Contract;
using Calls.Host.Rest;
using Calls.Host.Settings;
using Calls.Host.Signalling;
using Calls.Host.Telemetry;

var arguments = CommandLine.Parse(args);
if (arguments.Help)
{
    Console.Out.Write(SettingsHelp.Text());
    return 0;
}

var builder = WebApplication.CreateBuilder(
    new WebApplicationOptions
    {
        Args = arguments.HostArguments,
        // The page lies beside the executable, wherever the service is started from.
        ContentRootPath = AppContext.BaseDirectory,
    }
);
var (settings, errors) = Startup.LoadSettings(builder, arguments);
if (settings is null)
    return Startup.Refuse(errors);

if (await Startup.AddServices(builder, settings) is { } problem)
    return Startup.Refuse([problem]);

await using var app = builder.Build();
app.UseRequestSpans();
app.UseFaultAnswers();
app.UsePageHeaders();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseSignalling();

app.MapSignalling();
app.MapCallRoutes();
app.MapPresenceRoutes();
app.MapHistoryRoutes();
app.MapSettingsRoutes();
app.MapAdminRoutes();
app.MapNodeRoutes();
app.MapHealthRoutes();
app.MapContractRoutes();
if (app.Environment.IsDevelopment())
    app.MapDevRoutes();

await Startup.Announce(app, settings);
await app.RunAsync();
return 0;
