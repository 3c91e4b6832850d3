using System.CommandLine;
using System.CommandLine.Parsing;
using Calls.Media.Srtp;

namespace Calls.LoadTest.Options;

/// <summary>The command line: its options, what they mean, and how they are read.</summary>
internal sealed class CommandLine
{
    private const string About = """
        Calls a running service with many callers at once, who really ring, join, speak and listen, and tells how it bore that.

        Examples:
          20 calls of two for half a minute, against a service of its own from the build:
            ./build.sh load
          200 conversations of 2 to 10, begun at 20 a second, some holding, some coming and going, some only ringing:
            ./build.sh load --calls 200 --size 2..10 --rate 20/s --duration 60s --pattern mixed
          As a gate in CI; exit code 1 if a limit is broken:
            ./build.sh load --calls 50 --max-loss 0.1% --max-p99-delay 20ms --max-join 1s --max-errors 0
          Two nodes of a cluster that takes tokens signed with a secret:
            ./build.sh load --url https://a.example.org --url https://b.example.org --token-key file:/run/secrets/calls

        Exit codes: 0 all limits held, 1 a limit is broken, 2 it could not run, 3 interrupted before the end.
        """;

    private readonly Option<int> _calls = Number("--calls", "Conversations at a time.", 20);
    private readonly Valued<(int Min, int Max)> _size = Value<(int Min, int Max)>(
        "--size",
        $"Members of a conversation: {Values.SizeWords} (each conversation's is drawn by lot).",
        (2, 2),
        Values.TrySize,
        Values.SizeWords,
        "2"
    );
    private readonly Valued<double> _rate = Value<double>(
        "--rate",
        $"Calls that are started: {Values.RateWords}. The load grows at this rate until all conversations have begun.",
        10,
        Values.TryRate,
        Values.RateWords,
        "10/s"
    );
    private readonly Valued<TimeSpan> _duration = Value<TimeSpan>(
        "--duration",
        $"How long the full load lasts, after it has grown: {Values.DurationWords}.",
        TimeSpan.FromSeconds(30),
        Values.TryDuration,
        Values.DurationWords,
        "30s"
    );
    private readonly Valued<Pattern> _pattern = Choice(
        "--pattern",
        "What conversations do: hold (all join and stay), churn (calls of some seconds, people come and go), ring-only (nobody answers), mixed.",
        Pattern.Hold,
        ("hold", Pattern.Hold),
        ("churn", Pattern.Churn),
        ("ring-only", Pattern.RingOnly),
        ("mixed", Pattern.Mixed)
    );
    private readonly Valued<Listen> _listen = Choice(
        "--listen",
        "Who decodes sound and looks for the speaker's tone: one in each call (sample), or everybody (all), which is dear. Every packet is timed and its speaker known in any case.",
        Listen.Sample,
        ("sample", Listen.Sample),
        ("all", Listen.All)
    );
    private readonly Option<string[]> _urls = new("--url")
    {
        Description =
            "A node of the service, as http://host:port; again for each further one. Without it a service of its own is started.",
        AllowMultipleArgumentsPerToken = false,
    };
    private readonly Option<string?> _tokenKey = Text(
        "--token-key",
        "The HS256 secret that the service takes tokens of, or file:/path of one. Without it tokens come from POST /dev/token."
    );
    private readonly Option<string?> _issuer = Text("--token-issuer", "The claim iss of these tokens.");
    private readonly Option<string?> _audience = Text("--token-audience", "The claim aud of these tokens.");
    private readonly Valued<SrtpProfile?> _profile = Value<SrtpProfile?>(
        "--profile",
        $"The one SRTP profile that callers offer: {Values.ProfileWords}. Without it all, as browsers do.",
        null,
        Values.TryProfile,
        Values.ProfileWords,
        null
    );
    private readonly Valued<double> _lose = Value<double>(
        "--lose",
        $"Datagrams that each caller loses on purpose, each way: {Values.ShareWords}. Two callers lose independently, so that nearly twice as much is missing between them.",
        0,
        Values.TryShare,
        Values.ShareWords,
        "0%"
    );
    private readonly Option<bool> _retransmission = new("--retransmission")
    {
        Description =
            "Callers ask for lost packets again and answer such requests (NACK); what came again is counted, and loss is what is still missing.",
    };
    private readonly Option<double?> _maxLoss = Limit<double>(
        "--max-loss",
        $"Most packets that may be lost: {Values.ShareWords}.",
        Values.TryShare,
        Values.ShareWords
    );
    private readonly Option<TimeSpan?> _maxDelay = Limit<TimeSpan>(
        "--max-p99-delay",
        $"Most that 99 of 100 packets may take from the speaker's socket to the listener's: {Values.DurationWords}.",
        Values.TryDuration,
        Values.DurationWords
    );
    private readonly Option<TimeSpan?> _maxJoin = Limit<TimeSpan>(
        "--max-join",
        $"Most that 99 of 100 joins may take until media can flow: {Values.DurationWords}.",
        Values.TryDuration,
        Values.DurationWords
    );
    private readonly Option<int?> _maxErrors = new("--max-errors") { Description = "Most errors that may happen." };
    private readonly Option<int> _seed = Number("--seed", "The same one plans the same calls.", 1);
    private readonly Option<string> _report = new("--report")
    {
        Description = "Where the report goes, without its endings .json and .html.",
        DefaultValueFactory = _ => "artifacts/load/report",
    };

    public CommandLine()
    {
        _calls.Validators.Add(result => Least(result, _calls, 1, 10_000));
        _maxErrors.Validators.Add(result => Least(result, _maxErrors, 0, int.MaxValue));
        _urls.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Values.TryUrl(token.Value, out _)))
                result.AddError($"--url {token.Value}: an address as http://host:port is wanted.");
        });
        Root = new RootCommand(About);
        Option[] all =
        [
            _calls,
            _size.Option,
            _rate.Option,
            _duration.Option,
            _pattern.Option,
            _listen.Option,
            _urls,
            _tokenKey,
            _issuer,
            _audience,
            _profile.Option,
            _lose.Option,
            _retransmission,
            _maxLoss,
            _maxDelay,
            _maxJoin,
            _maxErrors,
            _seed,
            _report,
        ];
        foreach (var option in all)
            Root.Options.Add(option);
    }

    /// <summary>What knows the options' help.</summary>
    public RootCommand Root { get; }

    /// <summary>The options; only of a result without errors.</summary>
    public LoadOptions Read(ParseResult result) =>
        new()
        {
            Calls = result.GetValue(_calls),
            MinSize = _size.Of(result).Min,
            MaxSize = _size.Of(result).Max,
            Rate = _rate.Of(result),
            Duration = _duration.Of(result),
            Pattern = _pattern.Of(result),
            Listen = _listen.Of(result),
            Urls = [.. (result.GetValue(_urls) ?? []).Select(url => new Uri(url))],
            TokenKey = result.GetValue(_tokenKey),
            Issuer = result.GetValue(_issuer),
            Audience = result.GetValue(_audience),
            Profile = _profile.Of(result),
            Lose = _lose.Of(result),
            Retransmission = result.GetValue(_retransmission),
            Seed = result.GetValue(_seed),
            Report = result.GetValue(_report)!,
            Limits = new LimitOptions
            {
                MaxLoss = result.GetValue(_maxLoss),
                MaxP99Delay = result.GetValue(_maxDelay),
                MaxJoin = result.GetValue(_maxJoin),
                MaxErrors = result.GetValue(_maxErrors),
            },
        };

    private delegate bool Reader<T>(string text, out T value);

    private static Option<int> Number(string name, string about, int standard) =>
        new(name) { Description = about, DefaultValueFactory = _ => standard };

    private static Option<string?> Text(string name, string about) => new(name) { Description = about };

    private static Valued<T> Value<T>(
        string name,
        string about,
        T standard,
        Reader<T> read,
        string words,
        string? shown
    ) =>
        new(
            new Option<T>(name)
            {
                Description = shown is null ? about : $"{about} [default: {shown}]",
                HelpName = name[2..],
                CustomParser = result => Parse(result, name, read, words),
            },
            standard
        );

    private static Option<T?> Limit<T>(string name, string about, Reader<T> read, string words)
        where T : struct =>
        new(name)
        {
            Description = about,
            HelpName = "limit",
            CustomParser = result => Parse(result, name, read, words),
        };

    private static Valued<T> Choice<T>(
        string name,
        string about,
        T standard,
        params (string Word, T Value)[] choices
    ) =>
        Value(
            name,
            about,
            standard,
            (string text, out T value) =>
            {
                var found = choices.FirstOrDefault(choice => choice.Word == text);
                value = found.Value;
                return found.Word is not null;
            },
            string.Join(", ", choices.Select(choice => choice.Word)),
            choices.First(choice => choice.Value!.Equals(standard)).Word
        );

    private static T Parse<T>(ArgumentResult result, string name, Reader<T> read, string words)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
        if (!read(text, out var value))
            result.AddError($"{name} {text}: {words} is wanted.");
        return value;
    }

    // What is no number at all is the library's to refuse.
    private static void Least(OptionResult result, Option option, int least, int most)
    {
        if (
            result.Tokens.Count > 0
            && int.TryParse(result.Tokens[^1].Value, out var value)
            && (value < least || value > most)
        )
            result.AddError($"{option.Name} {value}: a number from {least} to {most} is wanted.");
    }

    /// <summary>An option whose standard is told in words: the library would show the value as it is in the program.</summary>
    private sealed record Valued<T>(Option<T> Option, T Standard)
    {
        public T Of(ParseResult result) => result.GetResult(Option) is null ? Standard : result.GetValue(Option)!;
    }
}
