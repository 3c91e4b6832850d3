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

    /// <summary>Bytes of all its files; one that is removed while it looks counts nothing.</summary>
    public long Size() => Directory.GetFiles(Path).Sum(SizeOf);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static long SizeOf(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
