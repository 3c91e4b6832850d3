namespace Calls.Actors.Persistence.Embedded;

/// <summary>The store does not start on this folder; the message names the file and says why, for an operator.</summary>
public sealed class StoreStartException(string message, Exception? inner = null) : Exception(message, inner);
