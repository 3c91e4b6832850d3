using System.Text.Json;
using Calls.TestKit.Contract;

namespace Calls.Protocol.Tests.Contract;

/// <summary>The validator that the contract's tests stand on.</summary>
public sealed class SchemaCheckTests
{
    private const string Document = """
        {"defs":{"id":{"type":"string","pattern":"^[a-z]+$"},"a/b":{"type":"integer"}}}
        """;

    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":["string","null"]}""", "null", "false")]
    [InlineData("""{"type":"integer"}""", "1", "1.5")]
    [InlineData("""{"type":"number"}""", "1.5", "\"1\"")]
    [InlineData("""{"type":"boolean"}""", "true", "null")]
    [InlineData("""{"type":"object"}""", "{}", "[]")]
    [InlineData("""{"type":"array"}""", "[]", "{}")]
    [InlineData("""{"const":"a"}""", "\"a\"", "\"b\"")]
    [InlineData("""{"enum":["a",null]}""", "null", "\"b\"")]
    [InlineData("""{"minLength":1}""", "\"a\"", "\"\"")]
    [InlineData("""{"maxLength":1}""", "\"\ud83d\ude00\"", "\"ab\"")]
    [InlineData("""{"pattern":"^a+$"}""", "\"aa\"", "\"aa\\n\"")]
    [InlineData("""{"pattern":"^\\d$"}""", "\"1\"", "\"\u0661\"")]
    [InlineData("""{"format":"date-time"}""", "\"2026-01-05T10:00:00.000Z\"", "\"yesterday\"")]
    [InlineData("""{"minimum":1}""", "1", "0")]
    [InlineData("""{"maximum":1}""", "1", "2")]
    [InlineData("""{"minItems":1}""", "[1]", "[]")]
    [InlineData("""{"maxItems":1}""", "[1]", "[1,2]")]
    [InlineData("""{"items":{"type":"integer"}}""", "[1,2]", "[1,\"2\"]")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", """{"b":1}""")]
    [InlineData("""{"properties":{"a":{"type":"integer"}}}""", """{"b":"x"}""", """{"a":"x"}""")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"const":"a"}]}""", "\"a\"", "\"b\"")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":3}]}""", "2", "4")]
    [InlineData("""{"$ref":"#/defs/id"}""", "\"abc\"", "\"ABC\"")]
    [InlineData("""{"$ref":"#/defs/a~1b"}""", "1", "\"1\"")]
    [InlineData("""{"properties":{"a":{"items":{"$ref":"#/defs/id"}}}}""", """{"a":["x"]}""", """{"a":["x",1]}""")]
    public void Each_keyword_lets_the_right_through_and_stops_the_wrong(string schema, string right, string wrong)
    {
        Faults(schema, right).ShouldBeEmpty();
        Faults(schema, wrong).ShouldNotBeEmpty();
    }

    [Fact]
    public void A_fault_names_its_place()
    {
        var schema = """{"properties":{"calls":{"items":{"properties":{"version":{"type":"integer"}}}}}}""";
        var fault = Faults(schema, """{"calls":[{"version":1},{"version":"2"}]}""").ShouldHaveSingleItem();
        fault.ShouldStartWith(".calls[1].version ");
    }

    [Fact]
    public void Fields_that_are_not_described_are_faults_of_a_server_and_none_of_a_client()
    {
        var schema = """{"type":"object","properties":{"a":{}}}""";
        Faults(schema, """{"a":1,"b":2}""").ShouldBeEmpty();
        Faults(schema, """{"a":1,"b":2}""", closed: true).ShouldHaveSingleItem().ShouldContain(" b,");
        Faults("""{"type":"object"}""", """{"a":1}""", closed: true).ShouldHaveSingleItem();
        Faults("""{"type":"object","additionalProperties":true}""", """{"a":1}""", closed: true).ShouldBeEmpty();
    }

    [Fact]
    public void A_keyword_that_it_does_not_know_is_not_taken_for_satisfied() =>
        Should
            .Throw<NotSupportedException>(() => Faults("""{"multipleOf":2}""", "3"))
            .Message.ShouldContain("multipleOf");

    private static IReadOnlyList<string> Faults(string schema, string value, bool closed = false) =>
        new SchemaCheck(JsonElement.Parse(Document), closed).Faults(
            JsonElement.Parse(schema),
            JsonElement.Parse(value)
        );
}
