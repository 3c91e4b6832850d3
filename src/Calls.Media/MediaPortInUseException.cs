namespace Calls.Media;

/// <summary>The media port belongs to another process, or to another server of this one.</summary>
public sealed class MediaPortInUseException : Exception
{
    /// <summary>Names the port.</summary>
    public MediaPortInUseException(int port, Exception? inner = null)
        : base($"The media port {port} is in use already (UDP or TCP).", inner) => Port = port;

    /// <summary>The port.</summary>
    public int Port { get; }
}
