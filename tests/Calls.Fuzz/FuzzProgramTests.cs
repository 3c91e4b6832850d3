namespace Calls.Fuzz;

/// <summary>The command line, and what it says by its exit code.</summary>
public sealed class FuzzProgramTests
{
    [Fact]
    public void A_run_says_its_seed_and_how_much_it_tried()
    {
        var (code, said, _) = Run("--minutes", "0.005", "--target", "rtp", "--seed", "5");
        code.ShouldBe(FuzzProgram.Clean);
        said.ShouldContain("Seed 5;");
        said.ShouldContain("Nothing found.");
    }

    [Theory]
    [InlineData("--target", "nonsense")]
    [InlineData("--minutes", "0")]
    [InlineData("--minutes", "soon")]
    [InlineData("--replay", "/no/such/file")]
    [InlineData("--nonsense", "")]
    public void What_cannot_be_run_is_said(string option, string value)
    {
        var (code, _, complained) = Run(option, value);
        code.ShouldBe(FuzzProgram.CouldNotRun);
        complained.ShouldNotBeEmpty();
    }

    [Fact]
    public void Help_names_every_target()
    {
        var (code, said, _) = Run("--help");
        code.ShouldBe(FuzzProgram.Clean);
        Targets.TargetList.All.ShouldAllBe(target => said.Contains(target.Name, StringComparison.Ordinal));
    }

    private static (int Code, string Said, string Complained) Run(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        return (FuzzProgram.Run(arguments, output, errors), output.ToString(), errors.ToString());
    }
}
