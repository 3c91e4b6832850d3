using Calls.LoadTest.Options;
using Calls.Media.Srtp;

namespace Calls.LoadTest.Tests;

public class OptionTests
{
    private readonly CommandLine _commandLine = new();

    [Fact]
    public void All_that_can_be_said_is_understood()
    {
        var options = Read(
            "--calls 200 --size 2..10 --rate 90/m --duration 2m --pattern ring-only --listen all --profile cm80 --seed 9 --lose 2% --retransmission "
                + "--url http://a:1 --url https://b --token-key secret --token-issuer i --token-audience w --report /tmp/x "
                + "--max-loss 0.5% --max-p99-delay 20ms --max-join 1s --max-errors 3"
        );
        (options.Calls, options.MinSize, options.MaxSize, options.Rate).ShouldBe((200, 2, 10, 1.5));
        (options.Duration, options.Pattern, options.Listen).ShouldBe(
            (TimeSpan.FromMinutes(2), Pattern.RingOnly, Listen.All)
        );
        (options.Profile, options.Seed, options.Report).ShouldBe((SrtpProfile.Aes128CmSha1Tag80, 9, "/tmp/x"));
        (options.Lose, options.Retransmission).ShouldBe((0.02, true));
        options.Urls.ShouldBe([new Uri("http://a:1"), new Uri("https://b")]);
        (options.TokenKey, options.Issuer, options.Audience).ShouldBe(("secret", "i", "w"));
        options.Limits.ShouldBe(
            new LimitOptions
            {
                MaxLoss = 0.005,
                MaxP99Delay = TimeSpan.FromMilliseconds(20),
                MaxJoin = TimeSpan.FromSeconds(1),
                MaxErrors = 3,
            }
        );
    }

    [Fact]
    public void What_is_not_said_is_as_the_help_says()
    {
        var options = Read("");
        options.ShouldBe(new LoadOptions { Urls = options.Urls });
        options.Urls.ShouldBeEmpty();
        options.Limits.ShouldBe(new LimitOptions());
    }

    [Theory]
    [InlineData("--calls 0", "--calls 0", "from 1 to 10000")]
    [InlineData("--calls many", "--calls", "many")]
    [InlineData("--size 1..3", "--size 1..3", "2 to 25")]
    [InlineData("--size 5..3", "--size 5..3", "2 to 25")]
    [InlineData("--size 2..26", "--size 2..26", "2 to 25")]
    [InlineData("--size 2..3..4", "--size 2..3..4", "2 to 25")]
    [InlineData("--rate 20", "--rate 20", "20/s")]
    [InlineData("--rate 0/s", "--rate 0/s", "20/s")]
    [InlineData("--duration 60", "--duration 60", "60s")]
    [InlineData("--duration 0s", "--duration 0s", "60s")]
    [InlineData("--duration 99999999999h", "--duration 99999999999h", "60s")]
    [InlineData("--pattern chaos", "--pattern chaos", "ring-only")]
    [InlineData("--listen none", "--listen none", "sample")]
    [InlineData("--profile des", "--profile des", "cm80")]
    [InlineData("--lose much", "--lose much", "1%")]
    [InlineData("--url localhost:80", "--url localhost:80", "http://host:port")]
    [InlineData("--url ftp://host", "--url ftp://host", "http://host:port")]
    [InlineData("--max-loss 101%", "--max-loss 101%", "1%")]
    [InlineData("--max-p99-delay fast", "--max-p99-delay fast", "500ms")]
    [InlineData("--max-join -1s", "--max-join -1s", "500ms")]
    [InlineData("--max-errors -1", "--max-errors -1", "from 0")]
    [InlineData("--loud", "--loud", "")]
    public async Task A_slip_is_named_with_what_is_wanted(string line, string named, string wanted)
    {
        var (code, output, errors) = await Program(line.Split(' '));
        code.ShouldBe(LoadTestProgram.CouldNotRun);
        errors.ShouldContain(named);
        errors.ShouldContain(wanted);
        errors.ShouldContain("--help");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_help_has_every_option_examples_and_exit_codes()
    {
        var (code, output, _) = await Program("--help");
        code.ShouldBe(0);
        foreach (var option in _commandLine.Root.Options)
        {
            output.ShouldContain(option.Name);
        }

        output.ShouldContain("./build.sh load --calls 200 --size 2..10 --rate 20/s --duration 60s --pattern mixed");
        output.ShouldContain("Exit codes: 0");
    }

    private LoadOptions Read(string line)
    {
        var result = _commandLine.Root.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        result.Errors.ShouldBeEmpty();
        return _commandLine.Read(result);
    }

    private static async Task<(int Code, string Output, string Errors)> Program(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await LoadTestProgram.Run(args, output, errors, isTerminal: false);
        return (code, output.ToString(), errors.ToString());
    }
}
