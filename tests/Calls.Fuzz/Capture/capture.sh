#!/usr/bin/env bash
# Captures what real clients send to the service, each in the tests that the repository has for it: Chromium at the page
# over UDP and TCP, werift (with a Chromium in the same call), and Calls.Caller. Needs root, tcpdump, a build, and what
# ./build.sh test installs. Writes into the folder given a CLIENT.pcap of each (tcpdump), and chromium.log and werift.txt
# (RTP and RTCP before encryption).
set -uo pipefail
out=$(realpath "${1:?a folder}") || exit 1
cd "$(dirname "$0")/../../.." || exit 1
here=$PWD/tests/Calls.Fuzz/Capture

if [ "$(id -u)" != 0 ] || ! command -v tcpdump >/dev/null; then
  echo "capture.sh: needs root and tcpdump (apt-get install tcpdump)" >&2
  exit 1
fi

capture() { # client, project, tests
  tcpdump -i lo -s 0 -U -Z root -w "$out/$1.pcap" 'ip and (udp or tcp)' 2>"$out/$1.tcpdump.log" &
  local tap=$!
  dotnet test "$2" -c Release --no-build --nologo --filter "$3"
  local code=$?
  kill $tap
  wait $tap
  return $code
}

export CALLS_TEST_CHROMIUM=$here/chromium-logging.sh CALLS_FUZZ_CHROMIUM_LOG=$out/chromium.log
capture chromium tests/Calls.Browser FullyQualifiedName~NetworkTests &&
  NODE_OPTIONS="--import=$here/werift-tap.mjs" CALLS_FUZZ_TAP=$out/werift.txt \
    capture werift tests/Calls.Browser FullyQualifiedName~OtherStackTests &&
  capture caller tests/Calls.Caller.Tests FullyQualifiedName~ConversationTests
