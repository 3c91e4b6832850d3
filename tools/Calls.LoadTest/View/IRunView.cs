using Calls.LoadTest.Measure;
using Calls.LoadTest.Plan;

namespace Calls.LoadTest.View;

/// <summary>Shows a person how the run goes.</summary>
internal interface IRunView
{
    /// <summary>Says what is being done.</summary>
    void Say(string what);

    /// <summary>From here on calls are made.</summary>
    void Begin(LoadPlan plan);

    /// <summary>Shows the second that has passed.</summary>
    void Show(Sample sample, RunMeter meter);
}
