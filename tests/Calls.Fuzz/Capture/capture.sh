#!/usr/bin/env bash
# Captures what real clients send to the service: Chromium at the page, werift, and Calls.Caller, each in the tests that
# the repository has for it, over UDP and TCP. Needs root, tcpdump, a build, and what ./build.sh test installs.
# Writes into the folder given: loopback.pcap (tcpdump), chromium.log and werift.txt (RTP and RTCP before encryption).
set -uo pipefail
out=$(realpath "${1:?a folder}") || exit 1
cd "$(dirname "$0")/../../.." || exit 1
here=$PWD/tests/Calls.Fuzz/Capture

if [ "$(id -u)" != 0 ] || ! command -v tcpdump >/dev/null; then
  echo "capture.sh: needs root and tcpdump (apt-get install tcpdump)" >&2
  exit 1
fi
tcpdump -i lo -s 0 -U -Z root -w "$out/loopback.pcap" 'ip and (udp or tcp)' 2>"$out/tcpdump.log" &
tap=$!
trap 'kill $tap 2>/dev/null' EXIT

run() { dotnet test "$1" -c Release --no-build --nologo --filter "$2"; } # project, tests
export CALLS_TEST_CHROMIUM=$here/chromium-logging.sh CALLS_FUZZ_CHROMIUM_LOG=$out/chromium.log
NODE_OPTIONS="--import=$here/werift-tap.mjs" CALLS_FUZZ_TAP=$out/werift.txt run tests/Calls.Browser FullyQualifiedName~OtherStackTests &&
  run tests/Calls.Browser FullyQualifiedName~NetworkTests &&
  run tests/Calls.Caller.Tests FullyQualifiedName~ConversationTests
