using System.Collections.Concurrent;
using System.Reflection;

namespace Calls.Fuzz.Engine;

/// <summary>How much memory hangs on an object, about: what can be reached by its fields. Unlike the heap's size it is the same in every run, and knows nothing of what tests keep themselves.</summary>
internal static class StateWeight
{
    private const int Header = 24; // of an object, with what the collector and alignment add
    private const int PerField = 8;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>Bytes. Delegates, types and handles are not followed: what hangs on them is the shell's.</summary>
    public static long Of(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<object>();
        waiting.Push(root);
        var bytes = 0L;
        while (waiting.TryPop(out var next))
        {
            if (next is Delegate or Type or MemberInfo or System.Runtime.InteropServices.SafeHandle)
            {
                continue;
            }
            if (next.GetType().IsValueType || seen.Add(next))
            {
                bytes += Weigh(next, waiting);
            }
        }
        return bytes;
    }

    private static long Weigh(object value, Stack<object> waiting)
    {
        if (value is string text)
        {
            return Header + (2 * text.Length);
        }
        var type = value.GetType();
        if (value is Array array)
        {
            var element = type.GetElementType()!;
            if (element.IsPrimitive || element.IsPointer)
            {
                return Header + Buffer.ByteLength(array);
            }
            Push(array, element, waiting);
            return Header + (PerField * (long)array.Length);
        }
        var fields = Fields.GetOrAdd(type, FieldsOf);
        foreach (var field in fields)
        {
            if (field.GetValue(value) is { } inner)
            {
                waiting.Push(inner);
            }
        }
        return (type.IsValueType ? 0 : Header) + (PerField * fields.Length);
    }

    private static void Push(Array array, Type element, Stack<object> waiting)
    {
        if (element.IsValueType && Fields.GetOrAdd(element, FieldsOf).Length == 0)
        {
            return; // counted by its length
        }
        foreach (var item in array)
        {
            if (item is not null)
            {
                waiting.Push(item);
            }
        }
    }

    // Those that can lead further, and of value types those that weigh.
    private static FieldInfo[] FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var each = type; each is not null; each = each.BaseType)
        {
            const BindingFlags Own =
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            fields.AddRange(each.GetFields(Own).Where(field => CanBeFollowed(field.FieldType)));
        }
        return [.. fields];
    }

    private static bool CanBeFollowed(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !type.IsFunctionPointer && !type.IsByRefLike;
}
