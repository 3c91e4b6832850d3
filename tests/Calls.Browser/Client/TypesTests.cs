using System.Text.Json;
using System.Text.RegularExpressions;
using Calls.Browser.Parts;

namespace Calls.Browser.Client;

/// <summary>The type declarations say what the module has: no more, no less (U7).</summary>
[Collection(BrowserTests.Name)]
public sealed partial class TypesTests(Chromium chromium)
{
    private static readonly string Declared = File.ReadAllText(Path.Combine(Site.Folder, "calls", "calls-client.d.ts"));

    [Fact]
    public async Task Every_export_is_declared_and_every_declared_value_is_exported()
    {
        var exported = await Names("async () => Object.keys(await import('/calls/calls-client.js'))");

        exported.ShouldBe(Values().Matches(Declared).Select(match => match.Groups["name"].Value), ignoreOrder: true);
    }

    [Theory]
    [InlineData("CallsClient", "new CallsClient({ getToken: async () => null })")]
    [InlineData("CallError", "new CallError('forbidden')")]
    public async Task Every_public_member_is_declared_and_every_declared_member_is_there(string name, string instance)
    {
        // What the browser's own base class declares, such as `message` or `dispatchEvent`, is not repeated.
        var members = await Names(
            $$"""
            async () => {
              const { {{name}} } = await import('/calls/calls-client.js');
              const own = (object) => Object.getOwnPropertyNames(object);
              const inherited = new Set([...own(Error.prototype), ...own(new Error('x')), ...own(EventTarget.prototype), 'cause']);
              const all = [...own({{name}}.prototype), ...own({{instance}}), ...own({{name}})];
              return all.filter((member) => !inherited.has(member) && !['prototype', 'length'].includes(member));
            }
            """
        );

        var body = Declared[Declared.IndexOf($"export class {name} ", StringComparison.Ordinal)..];
        body = body[..body.IndexOf("\n}", StringComparison.Ordinal)];
        var declared = Members()
            .Matches(body)
            .Select(match => match.Groups["name"].Value)
            .Except(["constructor", "addEventListener", "removeEventListener"], StringComparer.Ordinal);
        members.Distinct(StringComparer.Ordinal).ShouldBe(declared, ignoreOrder: true);
    }

    [Fact]
    public async Task The_state_has_the_declared_fields()
    {
        var fields = await Names(
            "async () => { const { CallsClient } = await import('/calls/calls-client.js'); return Object.keys(new CallsClient({ getToken: async () => null }).state); }"
        );
        fields.ShouldBe(FieldsOf("CallsState"), ignoreOrder: true);

        var channel = await Names(
            "async () => Object.keys((await import('/calls/calls-client.js')).channelOf({ channels: {} }, 'x'))"
        );
        channel.ShouldBe(FieldsOf("ChannelState"), ignoreOrder: true);
    }

    private static IEnumerable<string> FieldsOf(string type)
    {
        var body = Declared[Declared.IndexOf($"export interface {type} ", StringComparison.Ordinal)..];
        body = body[..body.IndexOf("\n}", StringComparison.Ordinal)];
        return Members().Matches(body).Select(match => match.Groups["name"].Value);
    }

    private async Task<string[]> Names(string script)
    {
        var page = await Site.Open(chromium.Browser);
        var names = await page.EvaluateAsync<JsonElement>(script);
        await page.Context.CloseAsync();
        return [.. names.EnumerateArray().Select(name => name.GetString()!)];
    }

    [GeneratedRegex(@"^export (?:class|function|const) (?<name>\w+)", RegexOptions.Multiline, 1000)]
    private static partial Regex Values();

    /// <summary>A member begins at two blanks; what is deeper is a part of one.</summary>
    [GeneratedRegex(@"^  (?:static |readonly |get )*(?<name>\w+)[?(<:]", RegexOptions.Multiline, 1000)]
    private static partial Regex Members();
}
