using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Calls.Protocol;

namespace Calls.Host.Settings;

/// <summary>What values may look like.</summary>
internal static class Rules
{
    /// <summary>Stands for "find it out yourself".</summary>
    public const string Auto = "auto";

    /// <summary>Longest free text: a path, an issuer, a connection; nothing sensible is longer.</summary>
    private const int MaxText = 2_000;

    public static SettingRule<int> Whole(int min, int max) =>
        new(
            $"a whole number from {min} to {max}",
            (string text, out int value) =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
                && value >= min
                && value <= max
        );

    public static SettingRule<TimeSpan> Duration(TimeSpan min, TimeSpan max) =>
        new(
            $"a duration from {Durations.Format(min)} to {Durations.Format(max)}, as in 500ms, 90s, 3m, 1h or 90d",
            (string text, out TimeSpan value) => Durations.TryParse(text, out value) && value >= min && value <= max
        );

    public static SettingRule<T> OneOf<T>(params (string Name, T Value)[] choices) =>
        new(
            string.Join(" or ", choices.Select(c => c.Name)),
            (string text, out T value) =>
            {
                var match = choices.Where(c => c.Name == text).ToArray();
                value = match.Length > 0 ? match[0].Value : choices[0].Value;
                return match.Length > 0;
            }
        );

    /// <summary>The rule, or <c>auto</c> (null); an environment variable that is set to nothing counts as <c>auto</c> too.</summary>
    public static SettingRule<string?> OrAuto(SettingRule<string> rule) =>
        new(
            $"{Auto} or {rule.Allowed}",
            (string text, out string? value) =>
            {
                value = null;
                if (text is Auto or "")
                    return true;
                var fits = rule.TryRead(text, out var given);
                value = given;
                return fits;
            }
        );

    public static SettingRule<int?> OrAuto(SettingRule<int> rule) =>
        new(
            $"{Auto} or {rule.Allowed}",
            (string text, out int? value) =>
            {
                value = null;
                if (text == Auto)
                    return true;
                var fits = rule.TryRead(text, out var given);
                value = given;
                return fits;
            }
        );

    /// <summary>Any text on one line; empty means that none is given.</summary>
    public static readonly SettingRule<string?> Optional = new(
        $"text of at most {MaxText} characters on one line, or nothing",
        (string text, out string? value) =>
        {
            value = text.Length == 0 ? null : text;
            return text.Length == 0 || IsLine(text);
        }
    );

    public static readonly SettingRule<string> Line = new(
        $"text of 1 to {MaxText} characters on one line",
        (string text, out string value) =>
        {
            value = text;
            return IsLine(text);
        }
    );

    /// <summary>What is looked at more closely elsewhere: a key may be a PEM of many lines.</summary>
    public static readonly SettingRule<string> AnyText = new(
        "text, not empty",
        (string text, out string value) =>
        {
            value = text;
            return !string.IsNullOrWhiteSpace(text);
        }
    );

    /// <summary>For a list of objects, which is no value itself.</summary>
    public static readonly SettingRule<string> NoValue = new(
        "a list of objects",
        (string text, out string value) =>
        {
            value = text;
            return text.Length == 0;
        }
    );

    public static readonly SettingRule<string> Id = new(
        IdSyntax.Rule,
        (string text, out string value) =>
        {
            value = text;
            return IdSyntax.IsValid(text);
        }
    );

    public static readonly SettingRule<string> HttpUrl = new(
        "an absolute http:// or https:// URL",
        (string text, out string value) =>
        {
            value = text;
            return TryHttp(text, out _);
        }
    );

    public static readonly SettingRule<IPAddress> Address = new(
        "an IPv4 or IPv6 address at which clients reach this node, not a name, a wildcard, a multicast or a link-local IPv6 address",
        (string text, out IPAddress value) =>
        {
            // IPAddress reads "1" as 0.0.0.1: only the usual four parts are meant here.
            var fits =
                IPAddress.TryParse(text, out var address)
                && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3)
                && ReachableAddresses.CanBeAnnounced(address);
            value = address ?? IPAddress.None;
            return fits;
        }
    );

    /// <summary>The URL of an ICE server (RFC 7064, RFC 7065).</summary>
    public static readonly SettingRule<string> IceUrl = new(
        "a URL that begins with stun:, stuns:, turn: or turns: and names a host",
        (string text, out string value) =>
        {
            value = text;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return IsLine(text)
                && !text.Contains(' ', StringComparison.Ordinal)
                && colon > 0
                && text[..colon] is "stun" or "stuns" or "turn" or "turns"
                && colon + 1 < text.Length
                && text[colon + 1] != '/';
        }
    );

    /// <summary>A signing secret in the form of the Standard Webhooks specification.</summary>
    public static readonly SettingRule<string> WebhookSecret = new(
        "whsec_ and 24 to 64 bytes in base64",
        (string text, out string value) =>
        {
            const string Prefix = "whsec_";
            value = text;
            Span<byte> bytes = stackalloc byte[64];
            return text.StartsWith(Prefix, StringComparison.Ordinal)
                && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length)
                && length >= 24;
        }
    );

    public static bool TryHttp(string text, out Uri url)
    {
        var fits = Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https";
        url = parsed!;
        return fits;
    }

    private static bool IsLine(string text) =>
        text.Length is > 0 and <= MaxText && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);
}
