using Calls.Host.Settings;

namespace Calls.Host.Tests.Settings;

public class CommandLineTests
{
    [Theory]
    [InlineData("--calls.media.port", "7")]
    [InlineData("--calls:media:port", "7")]
    [InlineData("--calls.media.port=7")]
    [InlineData("--calls:media:port=7")]
    public void A_setting_is_written_with_dots_or_colons(params string[] args)
    {
        var line = CommandLine.Parse(args);
        line.Errors.ShouldBeEmpty();
        line.HostArguments.ShouldBe(["--calls:media:port=7"]);
    }

    [Fact]
    public void What_the_web_server_knows_passes_through() =>
        CommandLine
            .Parse(["--urls", "http://*:1;http://*:2", "--Logging.LogLevel.Default=Debug"])
            .HostArguments.ShouldBe(["--urls=http://*:1;http://*:2", "--Logging:LogLevel:Default=Debug"]);

    [Fact]
    public void The_file_and_the_help_are_taken_out()
    {
        var line = CommandLine.Parse(["--config", "a=b.hocon", "--help"]);
        (line.ConfigFile, line.Help).ShouldBe(("a=b.hocon", true));
        line.HostArguments.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--port", "there is no such option")]
    [InlineData("--call.media.port", "did you mean calls.media.port?")]
    [InlineData("port", "is no option")]
    [InlineData("--", "is no option")]
    public void A_slip_is_refused(string option, string problem) =>
        CommandLine.Parse([option, "7"]).Errors[0].ToString().ShouldContain(problem);

    [Theory]
    [InlineData("--urls")]
    [InlineData("--urls", "--help")]
    public void An_option_without_its_value_is_refused(params string[] args) =>
        CommandLine.Parse(args).Errors.ShouldHaveSingleItem().Problem.ShouldContain("has no value");
}
