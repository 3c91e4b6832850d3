namespace Calls.Actors.Kernel;

/// <summary>How the actors of one class do.</summary>
/// <param name="Type">The class.</param>
/// <param name="Actors">How many live.</param>
/// <param name="Waiting">Messages in all their mailboxes.</param>
/// <param name="Deepest">Messages in the fullest of them.</param>
/// <param name="Restarts">Restarts since the system was made, of those that have stopped too.</param>
public readonly record struct ActorLoad(string Type, int Actors, int Waiting, int Deepest, long Restarts);
