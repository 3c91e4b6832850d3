using System.Reflection;
using Calls.Protocol.Contract;

namespace Calls.Host.Signalling;

/// <summary>The close codes of the contract, with the reasons that go with them (at most 123 bytes, RFC 6455 §5.5).</summary>
internal readonly record struct CloseCode(int Code, string Reason)
{
    public static readonly CloseCode GoingAway = new(1001, "The service is stopping: reconnect.");
    public static readonly CloseCode Binary = new(1003, "Only text frames are understood.");
    public static readonly CloseCode TooLarge = new(1009, "A message has at most 64 KiB.");
    public static readonly CloseCode Malformed = new(4400, "Too many malformed messages.");
    public static readonly CloseCode NotAuthenticated = new(4401, "Authenticate with a valid token.");
    public static readonly CloseCode TokenExpired = new(4401, "The token has expired.");
    public static readonly CloseCode Silent = new(4408, "Two pings in a row had no answer.");
    public static readonly CloseCode Flooding = new(4429, "Too many messages.");

    /// <summary>All of them, with the one that the framework gives by itself.</summary>
    public static IEnumerable<CloseReason> All =>
        typeof(CloseCode)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(known => (CloseCode)known.GetValue(null)!)
            .Select(close => new CloseReason(close.Code, close.Reason))
            .Append(new CloseReason(1007, "A text frame is UTF-8."))
            .OrderBy(close => close.Code);
}
