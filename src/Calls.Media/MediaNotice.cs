namespace Calls.Media;

/// <summary>Something that an operator may want to read, never one per packet.</summary>
/// <param name="Text">What happened.</param>
/// <param name="SessionId">Whom it concerns, if one session.</param>
/// <param name="Error">The bug that showed, if one did.</param>
public sealed record MediaNotice(string Text, string? SessionId = null, Exception? Error = null);
