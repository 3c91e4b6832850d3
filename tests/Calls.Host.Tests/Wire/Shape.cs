using System.Text.Json;

namespace Calls.Host.Tests.Wire;

/// <summary>The fields of the contract's messages, and how a test holds a message to exactly those.</summary>
internal static class Shape
{
    /// <summary>What every event about a call's state has.</summary>
    public const string State = "type channel_id call_id version";

    /// <summary>CALL.</summary>
    public const string CallFields =
        "channel_id call_id version status media started_by started_at answered_at expires_at target_users "
        + "declined_by participants voice_states reason duration_secs ended_at";

    /// <summary>An entry of <c>voice_states</c>.</summary>
    public const string VoiceFields = "user_id username joined_at connection muted deafened video screen";

    /// <summary>MISSED.</summary>
    public const string MissedFields = "call_id channel_id initiator initiator_name media started_at seen";

    /// <summary>A time on the wire: UTC with milliseconds.</summary>
    public const string Time = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";

    public static void Has(JsonElement message, string fields) =>
        message
            .Fields()
            .ShouldBe(
                fields.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
                message.ToString()
            );
}
