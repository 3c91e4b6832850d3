namespace Calls.Actors.Tests.Persistence;

/// <summary>A folder that goes when the test does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("calls-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>What a crash at this moment would leave.</summary>
    public TemporaryFolder Image()
    {
        var image = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Path).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
            System.IO.File.Copy(file, image.File(System.IO.Path.GetFileName(file)));
        return image;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
