using Calls.Media.Srtp;

namespace Calls.Media.Tests.Srtp;

/// <summary>Published examples: RFC 3711 appendix B, RFC 7714 §16 and §17, and libsrtp's reference packets, which include the key derivation.</summary>
public class SrtpVectorTests
{
    private const string Key128 = "000102030405060708090a0b0c0d0e0f";
    private const string Key256 = Key128 + "101112131415161718191a1b1c1d1e1f";
    private const string Salt = "517569642070726f2071756f";
    private const string Rtp =
        "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
    private const string Rtcp =
        "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

    private static readonly SrtpKeys Appendix = new(
        SrtpProfile.Aes128CmSha1Tag80,
        Hex("e1f97a0d3e018be0d64fa32c06de4139"),
        Hex("0ec675ad498afeebb6960b3aabe6")
    );

    [Theory]
    [InlineData(KeyDerivation.RtpEncryption, "c61e7a93744f39ee10734afe3ff7a087")]
    [InlineData(KeyDerivation.RtpSalt, "30cbbc08863d8c85d49db34a9ae1")]
    [InlineData(KeyDerivation.RtpAuthentication, "cebe321f6ff7716b6fd4ab49af256a156d38baa4")]
    [InlineData(KeyDerivation.RtcpEncryption, "4c1aa45a81f73d61c800bbb00fbb1eaa")]
    [InlineData(KeyDerivation.RtcpAuthentication, "8d54534feb49ae8e7993a6bd0b844fc323a93dfd")]
    [InlineData(KeyDerivation.RtcpSalt, "9581c7ad87b3e530bf3e4454a8b3")]
    public void Session_keys_are_those_of_RFC_3711_appendix_B3(byte label, string expected) =>
        Convert.ToHexStringLower(KeyDerivation.Derive(Appendix, label, expected.Length / 2)).ShouldBe(expected);

    [Theory]
    [MemberData(nameof(CounterKeys))]
    public void The_key_stream_is_that_of_RFC_3711_appendix_B2(string name)
    {
        var key = Engines.Counter(name, Hex("2b7e151628aed2a6abf7158809cf4f3c"));
        var text = new byte[48];
        key.Apply(CounterBlock.Read(Hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000")), text);
        Convert
            .ToHexStringLower(text)
            .ShouldBe(
                "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0"
            );
    }

    public static TheoryData<string> CounterKeys => [.. Engines.Names];

    [Theory]
    [InlineData(
        Key128,
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
    )]
    [InlineData(
        Key256,
        "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"
    )]
    public void RTP_under_GCM_is_that_of_RFC_7714_section_16(string key, string expected)
    {
        var cipher = new GcmCipher(Hex(key), Hex(Salt), Hex(key), Hex(Salt));
        var packet = new byte[50 + 16];
        Hex(Rtp).CopyTo(packet, 0);
        cipher.SealRtp(packet, 12, 50, 0);
        Convert.ToHexStringLower(packet.AsSpan(12)).ShouldBe(expected);

        cipher.TryOpenRtp(packet, 12, 0).ShouldBeTrue();
        Convert.ToHexStringLower(packet.AsSpan(0, 50)).ShouldBe(Rtp);
    }

    [Theory]
    [InlineData(
        Key128,
        "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"
    )]
    [InlineData(
        Key256,
        "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"
    )]
    public void RTCP_under_GCM_is_that_of_RFC_7714_section_17(string key, string expected)
    {
        var cipher = new GcmCipher(Hex(key), Hex(Salt), Hex(key), Hex(Salt));
        var plain = Hex(Rtcp);
        var packet = new byte[plain.Length + 20];
        plain.CopyTo(packet, 0);
        cipher.SealRtcp(packet, plain.Length, 0x5d4);
        Convert.ToHexStringLower(packet.AsSpan(8)).ShouldBe(expected);

        cipher.TryOpenRtcp(packet).ShouldBeTrue();
        packet.AsSpan(0, plain.Length).SequenceEqual(plain).ShouldBeTrue();
    }

    [Fact]
    public void RTCP_that_is_only_authenticated_is_taken_as_in_RFC_7714_section_17_3()
    {
        var cipher = new GcmCipher(Hex(Key128), Hex(Salt), Hex(Key128), Hex(Salt));
        var packet = Hex(Rtcp + "841dd9683dd78ec92ae58790125f62b3000005d4");
        cipher.TryOpenRtcp(packet).ShouldBeTrue();
        packet[20] ^= 1;
        cipher.TryOpenRtcp(packet).ShouldBeFalse();
    }

    public static TheoryData<string, string, string, string> ReferencePackets =>
        new()
        {
            {
                nameof(SrtpProfile.Aes128CmSha1Tag80),
                "e1f97a0d3e018be0d64fa32c06de4139" + "0ec675ad498afeebb6960b3aabe6",
                "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
                "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"
            },
            {
                nameof(SrtpProfile.AeadAes128Gcm),
                "000102030405060708090a0b0c0d0e0f" + "a0a1a2a3a4a5a6a7a8a9aaab",
                "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
                "c98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001"
            },
        };

    [Theory]
    [MemberData(nameof(ReferencePackets))]
    public void Packets_are_those_that_libsrtp_makes_of_the_same_master_keys(
        string profileName,
        string master,
        string rtp,
        string rtcp
    )
    {
        var profile =
            profileName == nameof(SrtpProfile.AeadAes128Gcm)
                ? SrtpProfile.AeadAes128Gcm
                : SrtpProfile.Aes128CmSha1Tag80;
        var keys = new SrtpKeys(profile, Hex(master).AsSpan(0, 16), Hex(master).AsSpan(16));
        var sender = new SrtpSender(keys);
        var receiver = new SrtpReceiver(keys);
        var stream = new SrtpStream();

        var packet = new byte[64];
        var plain = Hex("800f1234decafbadcafebabeabababababababababababababababab");
        plain.CopyTo(packet, 0);
        var length = sender.Protect(ref stream, packet, plain.Length);
        Convert.ToHexStringLower(packet.AsSpan(12..length)).ShouldBe(rtp);
        receiver.TryUnprotect(packet.AsSpan(0, length), out var plainLength).ShouldBeTrue();
        packet.AsSpan(0, plainLength).SequenceEqual(plain).ShouldBeTrue();

        plain = Hex("81c8000bcafebabeabababababababababababababababab");
        plain.CopyTo(packet, 0);
        length = sender.ProtectRtcp(packet, plain.Length);
        Convert.ToHexStringLower(packet.AsSpan(8..length)).ShouldBe(rtcp);
        receiver.TryUnprotectRtcp(packet.AsSpan(0, length), out plainLength).ShouldBeTrue();
        packet.AsSpan(0, plainLength).SequenceEqual(plain).ShouldBeTrue();
    }

    [Fact]
    public void What_DTLS_exports_is_both_keys_then_both_salts()
    {
        var exported = Enumerable.Range(0, 60).Select(n => (byte)n).ToArray();
        var (client, server) = SrtpKeys.Split(SrtpProfile.Aes128CmSha1Tag80, exported);
        client.MasterKey.ShouldBe(exported[..16]);
        server.MasterKey.ShouldBe(exported[16..32]);
        client.MasterSalt.ShouldBe(exported[32..46]);
        server.MasterSalt.ShouldBe(exported[46..60]);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
