using System.Buffers.Binary;
using Calls.Media.Stun;

namespace Calls.Fuzz.Mutation;

/// <summary>STUN messages (RFC 8489): changes among their attributes, and what makes a changed message one that is believed.</summary>
internal static class StunBytes
{
    private const int MostAttributes = 200; // more than the longest message holds
    private const int Header = StunMessage.HeaderLength;

    /// <summary>Changes attributes as wholes: removes, doubles, reorders, renames, cuts, and puts in foreign ones.</summary>
    public static byte[] MutateAttributes(Random chance, byte[] message, IReadOnlyList<byte[]> others)
    {
        if (message.Length < Header)
        {
            return message;
        }
        var attributes = Attributes(message);
        for (var changes = 1 + chance.Next(3); changes > 0 && attributes.Count > 0; changes--)
        {
            var at = chance.Next(attributes.Count);
            switch (chance.Next(7))
            {
                case 0:
                    attributes.RemoveAt(at);
                    break;
                case 1:
                    var times = chance.Next(5) == 0 ? chance.Next(2, 80) : 1;
                    attributes.InsertRange(at, Enumerable.Repeat(attributes[at], times));
                    break;
                case 2:
                    var second = chance.Next(attributes.Count);
                    (attributes[at], attributes[second]) = (attributes[second], attributes[at]);
                    break;
                case 3 when attributes[at].Length >= 4: // another type, or a length that is not so
                    var changed = attributes[at].ToArray();
                    BinaryPrimitives.WriteUInt16BigEndian(
                        changed.AsSpan(2 * chance.Next(2)),
                        (ushort)Bytes.Edge(chance)
                    );
                    attributes[at] = changed;
                    break;
                case 4:
                    attributes[at] = Bytes.Mutate(chance, attributes[at], others);
                    break;
                case 5:
                    var foreign = Attributes(others[chance.Next(others.Count)]);
                    attributes.InsertRange(at, foreign.Take(1 + chance.Next(3)));
                    break;
                default: // an attribute of a type that nobody knows
                    attributes.Insert(at, [(byte)chance.Next(256), (byte)chance.Next(256), 0, 0]);
                    break;
            }
        }
        if (attributes.Count > MostAttributes)
        {
            attributes.RemoveRange(MostAttributes, attributes.Count - MostAttributes);
        }
        byte[] whole = [.. message.AsSpan(0, Header), .. attributes.SelectMany(attribute => attribute)];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(2), (ushort)(whole.Length - Header));
        return whole;
    }

    /// <summary>Names a session, and signs: without that a changed message is not looked at for long.</summary>
    public static byte[] Address(byte[] message, string ufrag, StunKey key)
    {
        const int SignatureLength = 24;
        if (message.Length < Header)
        {
            return message;
        }
        var kept = Attributes(message)
            .Where(attribute => TypeOf(attribute) is not (0x0006 or 0x0008 or 0x8028))
            .ToList();
        var name = System.Text.Encoding.ASCII.GetBytes($"{ufrag}:abcd");
        byte[] user = [0, 6, 0, (byte)name.Length, .. name, .. new byte[(4 - (name.Length % 4)) % 4]];
        kept.Insert(0, user);
        byte[] signed =
        [
            .. message.AsSpan(0, Header),
            .. kept.SelectMany(attribute => attribute),
            .. new byte[SignatureLength],
        ];
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(2), (ushort)(signed.Length - Header));
        var signature = signed.AsSpan(signed.Length - SignatureLength);
        BinaryPrimitives.WriteUInt16BigEndian(signature, 0x0008);
        BinaryPrimitives.WriteUInt16BigEndian(signature[2..], 20);
        key.Sign(signed.AsSpan(0, signed.Length - SignatureLength), signature[4..]);
        return signed;
    }

    private static int TypeOf(byte[] attribute) =>
        attribute.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(attribute);

    private static List<byte[]> Attributes(byte[] message)
    {
        var attributes = new List<byte[]>();
        for (var at = Header; at + 4 <= message.Length; )
        {
            var length = (4 + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at + 2)) + 3) & ~3;
            length = Math.Min(length, message.Length - at);
            attributes.Add(message.AsSpan(at, length).ToArray());
            at += length;
        }
        return attributes;
    }
}
