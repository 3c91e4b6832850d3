using System.Text.Json.Nodes;

namespace Calls.Protocol.Contract;

/// <summary>What both documents say of themselves.</summary>
public static class ContractInfo
{
    /// <summary>The version of the contract, as the subprotocol <c>calls.v1</c> has it; fields are added without a new one.</summary>
    public const string Version = "1";

    public static JsonObject Write(string title, string description) =>
        new()
        {
            ["title"] = title,
            ["version"] = Version,
            ["description"] = description,
            ["license"] = new JsonObject
            {
                ["name"] = "Apache-2.0",
                ["url"] = "https://www.apache.org/licenses/LICENSE-2.0.html",
            },
        };
}
