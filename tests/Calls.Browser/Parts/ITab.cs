using System.Text.Json;

namespace Calls.Browser.Parts;

/// <summary>A page in a browser, whichever it is: something to go to and to run scripts in.</summary>
public interface ITab
{
    /// <summary>Opens an address and waits until it has been loaded.</summary>
    Task Open(Uri url);

    /// <summary>Runs an expression in the page, waits for it if it is a promise, and gives its value (JSON's kinds only).</summary>
    Task<JsonElement> Evaluate(string expression);
}
