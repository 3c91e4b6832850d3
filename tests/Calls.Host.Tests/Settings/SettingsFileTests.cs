using System.Text.Json;
using Calls.Host.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Calls.Host.Tests.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("calls-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "cluster.hocon");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void The_file_has_comments_and_gives_way_to_environment_and_command_line()
    {
        var path = Write(
            """
            // A comment.
            { "calls": { "media": { "port": 1 }, "policy": { "max_participants": 2, "heartbeat": "9s", /* and */ "alone_timeout": "9m", } } }
            """
        );
        var line = CommandLine.Parse(["--config", path, "--calls.media.port", "3"]);
        // The prefix keeps the variable from the other tests of this process; what follows it is what operators write.
        Environment.SetEnvironmentVariable("SETTINGSFILETESTS_CALLS__POLICY__HEARTBEAT", "4s");
        Environment.SetEnvironmentVariable("SETTINGSFILETESTS_CALLS__MEDIA__PORT", "4");
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables("SETTINGSFILETESTS_").AddCommandLine(line.HostArguments);
        SettingsFile.AddTo(configuration, line.ConfigFile).ShouldBeEmpty();

        var settings = CallsSettings.Load(configuration, development: true, []).Settings.ShouldNotBeNull();
        settings.Media.Port.ShouldBe(3, "the command line");
        settings.Policy.Heartbeat.ShouldBe(TimeSpan.FromSeconds(4), "the environment");
        settings.Policy.MaxParticipants.ShouldBe(2, "the file");
        settings.Policy.AloneTimeout.ShouldBe(TimeSpan.FromMinutes(9), "the file");
        settings.Policy.RingTimeout.ShouldBe(TimeSpan.FromSeconds(90), "the default");
    }

    [Fact]
    public void It_works_in_a_web_application()
    {
        var line = CommandLine.Parse(["--calls.policy.starts_per_minute", "77", "--urls", "http://127.0.0.1:1"]);
        var builder = WebApplication.CreateSlimBuilder(line.HostArguments);
        SettingsFile.AddTo(builder.Configuration, Write("""{ "calls": { "media": { "addresses": ["10.1.2.3"] } } }"""));
        var urls = builder.Configuration["urls"]!.Split(';');
        var settings = CallsSettings.Load(builder.Configuration, development: true, urls).Settings.ShouldNotBeNull();
        settings.Policy.StartsPerMinute.ShouldBe(77);
        settings.Media.Addresses.ShouldHaveSingleItem();
        settings.Node.Url.Port.ShouldBe(1);
    }

    [Fact]
    public void A_named_file_must_be_there() =>
        SettingsFile
            .AddTo(new ConfigurationManager(), Path.Combine(_folder, "nowhere.hocon"))
            .ShouldHaveSingleItem()
            .Problem.ShouldContain("nowhere.hocon");

    [Fact]
    public void A_folder_is_no_file() => SettingsFile.AddTo(new ConfigurationManager(), _folder).Count.ShouldBe(1);

    [Theory]
    [InlineData("{ \"calls\": ")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("calls { store = embedded }")]
    [InlineData("{ \"calls\": { \"store\": \"redis\", \"store\": \"embedded\" } }")]
    public void A_broken_file_is_refused_by_name(string text)
    {
        var path = Write(text);
        SettingsFile.AddTo(new ConfigurationManager(), path).ShouldHaveSingleItem().Key.ShouldBe(path);
    }

    [Theory]
    [InlineData("""{ "cals": { "store": "redis" } }""", "cals")]
    [InlineData("""{ "calls.store": "redis" }""", "calls.store")]
    public void A_section_that_is_not_ours_is_refused(string text, string section) =>
        SettingsFile.AddTo(new ConfigurationManager(), Write(text)).ShouldHaveSingleItem().Key.ShouldBe(section);

    [Fact]
    public void The_shipped_file_lies_beside_the_executable_and_is_good()
    {
        var configuration = new ConfigurationManager();
        var shipped = Path.Combine(AppContext.BaseDirectory, SettingsFile.Name);
        SettingsFile.AddTo(configuration, shipped).ShouldBeEmpty();
        CallsSettings.Load(configuration, development: true, []).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void The_shipped_file_names_exactly_the_tables_keys_with_the_tables_defaults()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, SettingsFile.Name));
        using var file = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip });
        Flatten("", file.RootElement)
            .ShouldBe(SettingTable.All.Where(row => !row.IsField).Select(row => (row.Key, row.Default)));
    }

    private static IEnumerable<(string Key, string Value)> Flatten(string key, JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject()
                .SelectMany(p => Flatten(key.Length == 0 ? p.Name : $"{key}.{p.Name}", p.Value)),
            JsonValueKind.Array when json.GetArrayLength() == 0 => [(key, "")],
            _ => [(key, json.ToString())],
        };
}
