namespace Calls.LoadTest.Tests;

/// <summary>The one item of a list for which something holds.</summary>
internal static class Single
{
    public static T ShouldHaveSingleItem<T>(this IEnumerable<T> items, Func<T, bool> where) =>
        items.Where(where).ShouldHaveSingleItem();
}
