using System.Text.Json;

namespace Calls.Host.Tests.Settings;

/// <summary>What the released program tells the runtime. A misspelt property of the project file says nothing, and the web SDK's own choice stays.</summary>
public class RuntimeSettingsTests
{
    [Theory]
    [InlineData("System.GC.Server", "False")] // its pauses are longer than a packet's 20 ms
    [InlineData("System.GC.Concurrent", "True")]
    [InlineData("System.GC.Gen0MaxBudget", "2097152")]
    [InlineData("System.Runtime.TieredCompilation", "False")] // each method is compiled once
    public void The_program_runs_as_its_project_says(string setting, string value) =>
        Properties().GetProperty(setting).ToString().ShouldBe(value);

    // The program's own file, beside this test's in artifacts/bin/PROJECT/CONFIGURATION.
    private static JsonElement Properties()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Calls.Host", own.Name);
        var text = File.ReadAllText(Path.Combine(program, "Calls.Host.runtimeconfig.json"));
        return JsonDocument.Parse(text).RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
    }
}
