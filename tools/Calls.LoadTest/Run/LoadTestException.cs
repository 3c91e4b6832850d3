namespace Calls.LoadTest.Run;

/// <summary>The run cannot be: says why, for the person who asked for it.</summary>
internal sealed class LoadTestException(string message, Exception? cause = null) : Exception(message, cause);
