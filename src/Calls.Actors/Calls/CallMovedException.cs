namespace Calls.Actors.Calls;

/// <summary>Another living node is the call's home: nothing was changed, and what was asked is for that one.</summary>
internal sealed class CallMovedException(string home) : Exception($"The call is run by {home}.")
{
    public string Home => home;
}
