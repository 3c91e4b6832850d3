#!/bin/sh
# Chromium that writes each RTP and RTCP packet, before it is encrypted or after it is decrypted, into the file that
# CALLS_FUZZ_CHROMIUM_LOG names, as lines for text2pcap: "O" before those that it sends.
exec /usr/bin/chromium "$@" --enable-logging=stderr '--vmodule=*/webrtc/*=4' \
  --force-fieldtrials=WebRTC-Debugging-RtpDump/Enabled/ 2>>"$CALLS_FUZZ_CHROMIUM_LOG"
