using System.Buffers.Binary;
using System.Text;

namespace Calls.Host.Tests.Telemetry;

/// <summary>One field of a protobuf message, as it stands on the wire.</summary>
/// <param name="Number">By the message's definition.</param>
/// <param name="Value">Of a varint or a fixed number.</param>
/// <param name="Bytes">Of a string, bytes or a message.</param>
public sealed record ProtoField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    public double Double => BitConverter.UInt64BitsToDouble(Value);

    public IReadOnlyList<ProtoField> Fields => ProtoFields.Read(Bytes);
}

/// <summary>Reads protobuf without knowing the messages: enough to see what an exporter sends.</summary>
public static class ProtoFields
{
    public static IReadOnlyList<ProtoField> Read(ReadOnlyMemory<byte> message)
    {
        var fields = new List<ProtoField>();
        while (!message.IsEmpty)
        {
            var tag = Varint(ref message);
            var (value, bytes) = Content((int)(tag & 7), ref message);
            fields.Add(new ProtoField((int)(tag >> 3), value, bytes));
        }
        return fields;
    }

    /// <summary>All fields of that number.</summary>
    public static IEnumerable<ProtoField> All(this IEnumerable<ProtoField> fields, int number) =>
        fields.Where(field => field.Number == number);

    /// <summary>The field of that number, if it is there.</summary>
    public static ProtoField? One(this IEnumerable<ProtoField> fields, int number) =>
        fields.LastOrDefault(field => field.Number == number);

    private static (ulong Value, ReadOnlyMemory<byte> Bytes) Content(int type, ref ReadOnlyMemory<byte> message)
    {
        switch (type)
        {
            case 0:
                return (Varint(ref message), default);
            case 1:
                return (BinaryPrimitives.ReadUInt64LittleEndian(Take(8, ref message).Span), default);
            case 5:
                return (BinaryPrimitives.ReadUInt32LittleEndian(Take(4, ref message).Span), default);
            case 2:
                var length = (int)Varint(ref message);
                return (0, Take(length, ref message));
            default:
                throw new InvalidDataException($"Wire type {type} is none of OTLP's.");
        }
    }

    private static ReadOnlyMemory<byte> Take(int length, ref ReadOnlyMemory<byte> message)
    {
        var taken = message[..length];
        message = message[length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> message)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = Take(1, ref message).Span[0];
            value |= (ulong)(one & 0x7F) << shift;
            if ((one & 0x80) == 0)
                return value;
        }
    }
}
