using System.Text;

namespace Calls.Fuzz.Mutation;

/// <summary>Changes of texts: lines, words, numbers and characters.</summary>
internal static class Text
{
    /// <summary>Longest text that is made, in characters: somewhat above what the protocols take.</summary>
    public const int Longest = 140 * 1024;

    private static readonly string[] Words =
    [
        "",
        "0",
        "-1",
        "1",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "1e400",
        "-0",
        "00",
        " ",
        ":",
        "/",
        "*",
        "\0",
        "\r",
        "\u00E4\u4E2D",
        "\U0001F600",
        "\\ud800",
        "\\u0000",
        "null",
        "true",
        "{}",
        "[]",
        "\"",
        "'",
        "../..",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];

    /// <summary>Some changes to a text.</summary>
    /// <param name="chance">The chance.</param>
    /// <param name="input">The text, in UTF-8.</param>
    /// <param name="others">Texts to take parts of.</param>
    /// <param name="separators">Characters between which its parts stand.</param>
    public static byte[] Mutate(Random chance, byte[] input, IReadOnlyList<byte[]> others, string separators)
    {
        var text = Encoding.UTF8.GetString(input);
        var changes = 1 + (chance.Next(3) == 0 ? chance.Next(6) : 0);
        for (; changes > 0; changes--)
        {
            text = Change(chance, text, Encoding.UTF8.GetString(others[chance.Next(others.Count)]), separators);
        }
        return Encoding.UTF8.GetBytes(text.Length > Longest ? text[..Longest] : text);
    }

    private static string Change(Random chance, string text, string other, string separators)
    {
        if (chance.Next(4) == 0)
        {
            return ChangeCharacter(chance, text);
        }
        var separator = separators[chance.Next(separators.Length)];
        var parts = text.Split(separator).ToList();
        var at = chance.Next(parts.Count);
        switch (chance.Next(7))
        {
            case 0:
                parts.RemoveAt(at);
                break;
            case 1:
                var times = chance.Next(5) == 0 ? chance.Next(2, 400) : 1;
                parts.InsertRange(at, Enumerable.Repeat(parts[at], times));
                break;
            case 2:
                parts[at] = Words[chance.Next(Words.Length)];
                break;
            case 3:
                var second = chance.Next(parts.Count);
                (parts[at], parts[second]) = (parts[second], parts[at]);
                break;
            case 4:
                var foreign = other.Split(separator);
                parts[at] = foreign[chance.Next(foreign.Length)];
                break;
            case 5:
                parts.Insert(at, Words[chance.Next(Words.Length)]);
                break;
            default:
                parts.RemoveRange(at, parts.Count - at);
                break;
        }
        return string.Join(separator, parts);
    }

    private static string ChangeCharacter(Random chance, string text)
    {
        var at = chance.Next(text.Length + 1);
        return chance.Next(3) switch
        {
            0 => text.Insert(at, ((char)chance.Next(chance.Next(4) == 0 ? 0xFFFF : 128)).ToString()),
            1 when at < text.Length => text.Remove(at, 1),
            _ => text.Insert(at, Words[chance.Next(Words.Length)]),
        };
    }
}
