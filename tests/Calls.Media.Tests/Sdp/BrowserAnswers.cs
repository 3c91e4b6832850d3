namespace Calls.Media.Tests.Sdp;

/// <summary>Answers as browsers gave them to an offer of two m-lines.</summary>
internal static class BrowserAnswers
{
    public const string Fingerprint =
        "49:F8:2A:81:10:28:75:6F:76:B1:B4:44:43:DB:95:82:B7:82:22:0F:8F:C9:B1:93:AD:4E:68:91:56:97:C9:A5";

    /// <summary>Chromium 156: everything stands on the m-lines.</summary>
    public static readonly string Chromium = $"""
        v=0
        o=- 8868858239872088556 3 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=msid-semantic: WMS
        m=audio 41606 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 192.0.2.2
        a=rtcp:9 IN IP4 0.0.0.0
        a=candidate:3334115843 1 udp 2122194687 192.0.2.2 41606 typ host generation 0 network-id 1
        a=ice-ufrag:FztB
        a=ice-pwd:+i0Fa18hhP77+QAJKioQXRMi
        a=ice-options:trickle
        a=fingerprint:sha-256 {Fingerprint}
        a=setup:active
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=msid:- d737af83-4794-47be-9ef2-6e198f03a5e5
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        a=ssrc:275724957 cname:pijM7Z8QarjlYQTJ
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:FztB
        a=ice-pwd:+i0Fa18hhP77+QAJKioQXRMi
        a=ice-options:trickle
        a=fingerprint:sha-256 {Fingerprint}
        a=setup:active
        a=mid:1
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        """;

    /// <summary>Firefox 153: the fingerprint stands at the session's level, and receiving lines have SSRCs too.</summary>
    public static readonly string Firefox = $$"""
        v=0
        o=mozilla...THIS_IS_SDPARTA-99.0 5679121856480543510 1 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=sendrecv
        a=extmap-allow-mixed
        a=fingerprint:sha-256 {{Fingerprint}}
        a=group:BUNDLE 0 1
        a=ice-options:trickle
        a=msid-semantic:WMS *
        m=audio 45375 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 192.0.2.2
        a=candidate:0 1 UDP 2122187007 192.0.2.2 45375 typ host
        a=candidate:2 1 TCP 2105458943 192.0.2.2 9 typ host tcptype active
        a=sendonly
        a=end-of-candidates
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap-allow-mixed
        a=fmtp:111 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=ice-pwd:9c8e90aa0465d98f7eec10ce8f06965e
        a=ice-ufrag:a91ad82a
        a=mid:0
        a=msid:- {654d4f24-ea8f-46c9-9bb0-d369f34dc5b1}
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=setup:active
        a=ssrc:126156816 cname:{5a8605f1-1f73-4ac8-b597-5f938af2aac7}
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=recvonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap-allow-mixed
        a=fmtp:111 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=ice-pwd:9c8e90aa0465d98f7eec10ce8f06965e
        a=ice-ufrag:a91ad82a
        a=mid:1
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=setup:active
        a=ssrc:164114236 cname:{5a8605f1-1f73-4ac8-b597-5f938af2aac7}
        """;
}
