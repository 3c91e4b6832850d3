#!/usr/bin/env bash
# Everything a person or CI types. `./build.sh help` lists it.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'EOF'
Usage: ./build.sh COMMAND [arguments]

  run      build, then serve http://localhost:8080 with demo users; needs only the .NET SDK
           (arguments go to the server: ./build.sh run --urls http://0.0.0.0:9000; --help lists the settings)
  test     install what the tests need (redis-server, chromium, firefox-esr, coturn, haproxy, nftables, espeak-ng, libopus0, libfaketime,
           nodejs), run all of them
           (an argument picks suites by name: ./build.sh test Protocol)
  bench    the forwarding micro-benchmark, then the service's (needs redis-server) and that of forwarding calls beside the
           same in C (needs gcc, libssl-dev; two cores), which go to bench/RESULTS.md
           (an argument picks one: forwarding, ring, calls, memory or media; one alone is only printed.
           media takes more: ./build.sh bench media 50x5 saturation burst floor service rounds=3 seconds=6)
  cluster  several nodes on one Redis behind a front, on this machine, to kill and drain (--nodes 3; --help says more)
  load     call a service with many callers who ring, join, speak and listen, and report (needs libopus0);
           without --url a service of its own from the build: ./build.sh load --calls 200 --size 2..10 (--help says more)
  fuzz     give changed packets and texts to all that strangers can reach: ./build.sh fuzz --minutes 10 (--help says more)
  format   put every source file into the project's format
  help     this text
EOF
}

need_sdk() {
  command -v dotnet >/dev/null || fail "the .NET SDK 10 is missing: install it (https://dot.net), then run this again"
  case "$(dotnet --version 2>/dev/null)" in
    10.*) ;;
    *) fail "the .NET SDK 10 is needed (global.json); 'dotnet --version' says: $(dotnet --version 2>&1 | head -n 1)" ;;
  esac
}

build() { # project or solution
  say "Building $1"
  dotnet build "$1" -c Release --nologo -v quiet || fail "the build failed; the errors stand above"
}

# Debian packages that the tests use: name of the package, and how to see that it is there. With arguments only those.
install_missing() {
  local missing=() wanted=" $* "
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v firefox-esr >/dev/null || missing+=(firefox-esr)
  command -v turnserver >/dev/null || missing+=(coturn)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v nft >/dev/null || missing+=(nftables)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v espeak-ng >/dev/null || missing+=(espeak-ng)
  ldconfig -p | grep -q 'libopus\.so\.0' || missing+=(libopus0)
  ldconfig -p | grep -q 'libssl\.so\.3' || missing+=(libssl3)
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
  command -v haproxy >/dev/null || missing+=(haproxy)
  if [ $# -gt 0 ]; then
    local all=("${missing[@]}") package
    missing=()
    for package in "${all[@]}"; do [[ $wanted == *" $package "* ]] && missing+=("$package"); done
  fi
  apt_install "${missing[@]}"
}

apt_install() { # packages
  [ $# -eq 0 ] && return
  mkdir -p artifacts
  say "Installing what is missing: $*"
  command -v apt-get >/dev/null || fail "install these by hand (no apt-get here): $*"
  local sudo=""
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo=sudo || fail "root is needed to install: $*"; }
  # The services that come with redis-server and coturn must not be started: tests start servers of their own.
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $sudo apt-get install -y -qq --no-install-recommends "$@"; } \
    >artifacts/apt.log 2>&1 || { tail -n 20 artifacts/apt.log >&2; fail "could not install: $*"; }
}

# Packages of Node that tests run, as their lock file says; again only when it has changed.
install_packages() { # folder, what they are
  local folder=$1
  [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
  say "Installing $2"
  (cd "$folder" && npm ci) >artifacts/npm.log 2>&1 || { tail -n 20 artifacts/npm.log >&2; fail "could not install $2"; }
}

counter() { grep -o "<Counters[^>]*" "$2" | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9; } # attribute, trx file

run_suite() { # project; adds to passed, failed, skipped
  local name trx started
  name=$(basename "$1" .csproj)
  trx=artifacts/test-results/$name.trx
  started=$SECONDS
  timeout --kill-after=10 "${SUITE_TIMEOUT:-1500}" dotnet test "$1" -c Release --no-build --nologo \
    --logger "trx;LogFileName=$name.trx" --results-directory artifacts/test-results \
    >"artifacts/test-results/$name.log" 2>&1
  local code=$? p=0 f=0 s=0
  if [ -s "$trx" ]; then
    p=$(counter passed "$trx"); f=$(counter failed "$trx"); s=$(counter notExecuted "$trx")
    s=$(($(counter total "$trx") - p - f))
  fi
  # A run that broke off is a failure even when no single test was reported as one.
  [ $code -ne 0 ] && [ "$f" -eq 0 ] && f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '   %-28s %5d passed, %d failed, %d skipped   %4d s\n' "$name" "$p" "$f" "$s" $((SECONDS - started))
  if [ "$f" -gt 0 ]; then
    grep -v -E '^\s*(Determining|Restored|Test run for|VSTest|Starting test|A total of|Results File)' "artifacts/test-results/$name.log" | head -n 200
    failures+=("$name")
  fi
  [ "$s" -gt 0 ] && grep -E '\[SKIP\]|Skipped ' -A 2 "artifacts/test-results/$name.log"
  return 0
}

run_tests() {
  need_sdk
  mkdir -p artifacts/test-results && rm -f artifacts/test-results/*
  install_missing
  install_packages tests/linters "the contract's linters"
  install_packages tests/peers/werift "a WebRTC stack that is no browser"
  say "Checking the format"
  dotnet tool restore >/dev/null || fail "dotnet tool restore failed"
  dotnet csharpier check . || fail "some files are not in the project's format: ./build.sh format"
  build Calls.slnx
  say "Testing"
  passed=0 failed=0 skipped=0 failures=()
  local project
  for project in tests/*/*.csproj; do
    grep -q '<IsTestProject>false' "$project" && continue
    case "$project" in *"${1:-}"*) run_suite "$project" ;; esac
  done
  [ ${#failures[@]} -gt 0 ] && printf '\nFailed: %s (logs: artifacts/test-results)\n' "${failures[*]}"
  [ $((passed + failed)) -gt 0 ] || fail "no test matched '${1:-}'"
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

# Forwarding beside the same in C: the server on core 0, the generator on core 1.
bench_media() {
  local missing=()
  [ "$(nproc)" -ge 2 ] || fail "bench media needs two cores: one for the server, one for the generator"
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  [ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)
  apt_install "${missing[@]}"
  build bench/Calls.Bench.Media/Calls.Bench.Media.csproj
  say "Building bench/floor"
  mkdir -p artifacts/floor
  gcc -std=c11 -O2 -Wall -Wextra -Werror -o artifacts/floor/floor bench/floor/*.c -lssl -lcrypto || fail "the floor does not compile"
  nice -n -19 taskset -c 1 dotnet artifacts/bin/Calls.Bench.Media/release/Calls.Bench.Media.dll "$@"
}

command=${1:-help}
[ $# -gt 0 ] && shift
case "$command" in
  run)
    need_sdk
    build src/Calls.Host/Calls.Host.csproj
    export ASPNETCORE_ENVIRONMENT="${ASPNETCORE_ENVIRONMENT:-Development}"
    exec dotnet artifacts/bin/Calls.Host/release/Calls.Host.dll "$@"
    ;;
  test) run_tests "$@" ;;
  bench)
    need_sdk
    case "${1:-}" in
      "" | forwarding)
        build bench/Calls.Bench/Calls.Bench.csproj
        dotnet artifacts/bin/Calls.Bench/release/Calls.Bench.dll || exit
        ;;&
      forwarding) exit ;;
      media)
        shift
        bench_media "$@"
        exit
        ;;
    esac
    build bench/Calls.Bench.Service/Calls.Bench.Service.csproj
    dotnet artifacts/bin/Calls.Bench.Service/release/Calls.Bench.Service.dll "$@" || exit
    [ $# -gt 0 ] || bench_media keep
    ;;
  cluster)
    need_sdk
    install_missing redis-server haproxy
    build src/Calls.Host/Calls.Host.csproj
    exec deploy/cluster.sh "$@"
    ;;
  load)
    need_sdk
    build tools/Calls.LoadTest/Calls.LoadTest.csproj
    build src/Calls.Host/Calls.Host.csproj
    exec dotnet artifacts/bin/Calls.LoadTest/release/Calls.LoadTest.dll "$@"
    ;;
  fuzz)
    need_sdk
    build tests/Calls.Fuzz/Calls.Fuzz.csproj
    exec dotnet artifacts/bin/Calls.Fuzz/release/Calls.Fuzz.dll "$@"
    ;;
  format) need_sdk; dotnet tool restore >/dev/null && dotnet csharpier format . ;;
  help | -h | --help) usage ;;
  *) usage >&2; fail "no such command: $command" ;;
esac
