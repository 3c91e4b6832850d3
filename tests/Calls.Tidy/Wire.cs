using System.Reflection;
using System.Text.Json.Serialization;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Tidy;

/// <summary>The names that the code has on the wire.</summary>
internal static class Wire
{
    public const string Subprotocol = "calls.v1";

    public static IEnumerable<string> Requests => RequestParser.Types;

    public static IEnumerable<string> Events =>
        typeof(ServerEvent)
            .GetCustomAttributes<JsonDerivedTypeAttribute>()
            .Select(type => (string)type.TypeDiscriminator!);

    public static IEnumerable<string> Errors => Enum.GetValues<ErrorCode>().Select(code => code.ToWire());
}
