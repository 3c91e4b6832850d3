using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;
using Calls.TestKit.Contract;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Protocol.Tests.Contract;

/// <summary>What the parser takes and what the contract for machines allows are the same.</summary>
public sealed class ParserAndSchemaTests
{
    private const int Runs = 20_000;

    private static readonly SocketContract Contract = new(
        JsonSerializer.SerializeToElement(AsyncApiDocument.Write([]))
    );

    private static readonly string[] Types = [.. RequestParser.Types.Order(StringComparer.Ordinal)];

    /// <summary>Every field of every request, so that each also meets those of others.</summary>
    private static readonly string[] Names =
    [
        .. RequestDescription
            .All.Values.SelectMany(r => r.Fields.Fields)
            .Select(f => f.Name)
            .Append("id")
            .Append("unheard_of")
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Good for one field or another, at a limit, just beyond it, or of another type altogether.</summary>
    private static readonly string[] Values =
    [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "1.5",
        "{}",
        "[]",
        """[null]""",
        """["a"]""",
        """["a","a b"]""",
        """["a",7]""",
        Users(Channel.MaxMembers),
        Users(Channel.MaxMembers + 1),
        "\"\"",
        "\"a\"",
        "\"a b\"",
        "\"a\\n\"",
        "\"audio\"",
        "\"video\"",
        "\"Audio\"",
        "\"true\"",
        Text(64),
        Text(65),
        Text(RequestParser.MaxTokenLength),
        Text(RequestParser.MaxTokenLength + 1),
    ];

    /// <summary>The values are good more often than chance would have it, so that whole messages are.</summary>
    private static readonly Gen<string> Value = Gen.Frequency(
        (3, Gen.Elements("\"a\"", "true", "1", "\"video\"", """["a"]""")),
        (2, Gen.Elements(Values))
    );

    private static readonly Gen<string> Messages =
        from type in Gen.Elements(Types)
        let own = RequestDescription.All[type].Fields.Fields.Select(f => f.Name).ToArray()
        from mine in Gen.SubListOf(own)
        from all in Gen.Elements(true, true, true, false)
        from others in Gen.SubListOf(Names).Select(names => names.Take(2))
        let names = own.Where(name => all || mine.Contains(name))
            .Concat(others)
            .Distinct(StringComparer.Ordinal)
            .ToArray()
        from values in Value.ArrayOf(names.Length)
        select $$"""{"type":"{{type}}"{{string.Concat(names.Zip(values, (n, v) => $",\"{n}\":{v}"))}}}""";

    [Fact]
    public void Whatever_the_message_the_parser_takes_it_if_the_schema_allows_it_and_only_then()
    {
        var (taken, refused) = (0, 0);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Runs),
            Prop.ForAll(
                Messages.ToArbitrary(),
                message =>
                {
                    using var json = JsonDocument.Parse(message);
                    var faults = Contract.FaultsOfRequest(SocketContract.TypeOf(json.RootElement)!, json.RootElement);
                    var parsed = RequestParser.Parse(System.Text.Encoding.UTF8.GetBytes(message));
                    (parsed.Error is null).ShouldBe(
                        faults.Count == 0,
                        $"{message}\nparser: {parsed.Error?.Message}\nschema: {string.Join(", ", faults)}"
                    );
                    _ = parsed.Error is null ? taken++ : refused++;
                }
            )
        );
        taken.ShouldBeGreaterThan(Runs / 20, "too few of the messages were good ones");
        refused.ShouldBeGreaterThan(Runs / 20, "too few of the messages were bad ones");
    }

    [Fact]
    public void Every_request_is_described() => Contract.Requests.ShouldBe(Types, ignoreOrder: true);

    [Fact]
    public void Every_event_is_described_and_none_besides() =>
        Contract.Events.ShouldBe(AsyncApiDocument.Events.Keys.Append("error"), ignoreOrder: true);

    [Fact]
    public void Everything_that_goes_out_says_what_it_is()
    {
        var schemas = AsyncApiDocument.Write([])["components"]!["schemas"]!.AsObject();
        schemas
            .Where(schema => schema.Value!["description"] is not JsonValue)
            .Select(schema => schema.Key)
            .ShouldBeEmpty("These records lack a [Description] for those who write clients");
    }

    [Fact]
    public void An_id_allows_in_the_schema_what_it_allows_in_the_parser()
    {
        var check = new SchemaCheck(default, closed: false);
        var schema = JsonSerializer.SerializeToElement(IdRule.Instance.Schema());
        for (var c = '\0'; c < 256; c++)
        {
            var faults = check.Faults(schema, JsonSerializer.SerializeToElement($"{c}"));
            (faults.Count == 0).ShouldBe(IdSyntax.IsValid($"{c}"), $"character {(int)c}");
        }
    }

    private static string Text(int length) => JsonValue.Create(new string('x', length)).ToJsonString();

    private static string Users(int count) => $"[{string.Join(',', Enumerable.Repeat("\"a\"", count))}]";
}
