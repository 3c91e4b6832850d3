using Calls.LoadTest.Options;
using Calls.LoadTest.Plan;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.LoadTest.Tests;

/// <summary>What a run will do, looked at without running it: times are those of the plan.</summary>
public class PlanTests
{
    private static readonly LoadOptions Options = new()
    {
        Calls = 40,
        MinSize = 2,
        MaxSize = 6,
        Rate = 20,
        Duration = TimeSpan.FromSeconds(60),
    };

    [Fact]
    public void The_load_grows_at_the_rate_and_holds_until_the_end()
    {
        var plan = LoadPlan.Create(Options);
        plan.Calls.Count.ShouldBe(40);
        plan.Calls.Select(c => c.Conversation).ShouldBe(Enumerable.Range(0, 40));
        plan.Calls.Select(c => c.At).ShouldBe(Enumerable.Range(0, 40).Select(n => n * TimeSpan.FromMilliseconds(50)));
        plan.Ramp.ShouldBe(TimeSpan.FromSeconds(1.95));
        plan.End.ShouldBe(TimeSpan.FromSeconds(61.95));
        plan.Calls.ShouldAllBe(c => c.Until == plan.End && c.Pattern == Pattern.Hold);
        plan.Calls.ShouldAllBe(c => c.Called.Count == plan.Sizes[c.Conversation] - 1);
        plan.Calls.SelectMany(c => c.Called).ShouldAllBe(m => m.Answer == Answer.Joins && m.LeavesAt == null);
    }

    [Fact]
    public void The_same_seed_plans_the_same_and_another_one_something_else()
    {
        var mixed = Options with { Pattern = Pattern.Mixed };
        Shape(mixed).ShouldBe(Shape(mixed));
        Shape(mixed).ShouldNotBe(Shape(mixed with { Seed = 2 }));
    }

    [Fact]
    public void In_any_plan_no_rule_is_broken() =>
        Prop.ForAll(
                Gen.Choose(1, 60).ToArbitrary(),
                Gen.Choose(2, 25).ToArbitrary(),
                Gen.Elements(Enum.GetValues<Pattern>()).ToArbitrary(),
                (calls, most, pattern) =>
                    Check(
                        new LoadOptions
                        {
                            Calls = calls,
                            MaxSize = most,
                            Pattern = pattern,
                            Rate = 1 + (calls % 7),
                            Duration = TimeSpan.FromSeconds(5 + most),
                            Seed = calls + most,
                        }
                    )
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Churning_conversations_call_again_and_in_groups_one_leaves_and_returns()
    {
        var plan = LoadPlan.Create(Options with { Pattern = Pattern.Churn, MinSize = 3 });
        plan.Calls.CountBy(c => c.Conversation).ShouldAllBe(c => c.Value >= 3);
        foreach (var call in plan.Calls)
        {
            var leaves = call.Called.ShouldHaveSingleItem(m => m.LeavesAt is not null);
            leaves.ReturnsAt.ShouldNotBeNull().ShouldBeGreaterThan(leaves.LeavesAt!.Value);
            leaves.ReturnsAt!.Value.ShouldBeLessThan(call.Until - call.At);
        }
    }

    [Fact]
    public void Rings_end_unanswered_by_the_caller_or_declined_by_all()
    {
        var plan = LoadPlan.Create(Options with { Pattern = Pattern.RingOnly });
        var answers = plan
            .Calls.Select(c => c.Called.Select(m => m.Answer).Distinct().ShouldHaveSingleItem())
            .ToArray();
        answers.ShouldContain(Answer.Ignores);
        answers.ShouldContain(Answer.Declines);
        answers.ShouldNotContain(Answer.Joins);
    }

    [Fact]
    public void Of_mixed_conversations_most_hold()
    {
        var plan = LoadPlan.Create(Options with { Pattern = Pattern.Mixed });
        var first = plan.Calls.DistinctBy(c => c.Conversation).CountBy(c => c.Pattern).ToDictionary();
        first.ShouldBe(
            new Dictionary<Pattern, int>
            {
                [Pattern.Hold] = 24,
                [Pattern.Churn] = 8,
                [Pattern.RingOnly] = 8,
            },
            ignoreOrder: true
        );
    }

    private static bool Check(LoadOptions options)
    {
        var plan = LoadPlan.Create(options);
        plan.Sizes.ShouldAllBe(size => size >= options.MinSize && size <= options.MaxSize);
        plan.Calls.Select(c => c.Conversation).Distinct().Count().ShouldBe(options.Calls, "everybody calls");
        plan.Calls.ShouldAllBe(c => c.Until > c.At && c.Until <= plan.End);
        var apart = TimeSpan.FromSeconds(1 / options.Rate);
        plan.Calls.Zip(plan.Calls.Skip(1)).ShouldAllBe(p => p.Second.At - p.First.At >= apart);
        foreach (var own in plan.Calls.GroupBy(c => c.Conversation))
        {
            own.Zip(own.Skip(1)).ShouldAllBe(p => p.Second.At > p.First.Until);
        }

        return true;
    }

    private static string Shape(LoadOptions options) =>
        string.Join(
            '\n',
            LoadPlan.Create(options).Calls.Select(c => $"{c with { Called = [] }} {string.Join(", ", c.Called)}")
        );
}
