#!/usr/bin/env bash
# A cluster on this machine to try out: a Redis, some nodes and a front. `./build.sh cluster` builds first and calls this.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

nodes=3 port=8080 folder=artifacts/cluster
usage() {
  cat <<EOF
Usage: ./build.sh cluster [--nodes N] [--port PORT]

  --nodes N     how many nodes share the calls (1 to 9; default $nodes)
  --port PORT   where the front listens (default $port); the nodes take the ports after it, and media 7882 and up

Kill a node, freeze one, drain one, and watch what the page does. Ctrl-C ends it all. Logs: $folder.
EOF
}
fail() { printf 'cluster: %s\n' "$*" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case "$1" in
    --nodes) nodes=${2:-} && shift 2 || fail "--nodes wants a number" ;;
    --port) port=${2:-} && shift 2 || fail "--port wants a number" ;;
    --folder) folder=${2:-} && shift 2 || fail "--folder wants a path" ;;
    -h | --help) usage; exit ;;
    *) usage >&2; fail "no such option: $1" ;;
  esac
done
[[ $nodes =~ ^[1-9]$ ]] || fail "--nodes must be 1 to 9, and is '$nodes'"
[[ $port =~ ^[0-9]+$ ]] && [ "$port" -le 65000 ] || fail "--port must be a number up to 65000, and is '$port'"
service=artifacts/bin/Calls.Host/release/Calls.Host.dll
[ -f "$service" ] || fail "the service is not built: ./build.sh cluster builds it"
for needed in redis-server haproxy; do command -v "$needed" >/dev/null || fail "$needed is missing: apt-get install $needed"; done

rm -rf "$folder" && mkdir -p "$folder/redis"
started=()
stop() {
  trap - EXIT INT TERM
  printf '\nStopping.\n'
  # Asked twice the nodes stop at once: there is nobody left to drain to. Redis goes last.
  for _ in 1 2; do
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do kill -TERM "${started[i]}" 2>/dev/null; done
    sleep 0.2
  done
  for pid in "${started[@]}"; do
    for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
  done
  exit 0
}
trap stop EXIT INT TERM
start() { # name, command...: in the background, with a log
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 &
  started+=($!)
}

redis=$((port + 10))
start redis redis-server --port "$redis" --bind 127.0.0.1 --dir "$folder/redis" --save '' --appendonly yes --appendfsync always
{
  sed -e "/^resolvers/,/^\$/d" -e "s/^  bind .*/  bind 127.0.0.1:$port/" -e 's/ resolvers docker init-addr none//' -e '/^  server /d' deploy/haproxy.cfg
  for ((i = 1; i <= nodes; i++)); do printf '  server calls-%d 127.0.0.1:%d\n' "$i" $((port + i)); done
} >"$folder/haproxy.cfg"

export ASPNETCORE_ENVIRONMENT="${ASPNETCORE_ENVIRONMENT:-Development}"
export CALLS__STORE=redis CALLS__REDIS__CONNECTION="127.0.0.1:$redis"
for ((i = 1; i <= nodes; i++)); do
  CALLS__NODE__ID="calls-$i" CALLS__MEDIA__PORT="${CALLS_MEDIA_PORT:-$((7881 + i))}" CALLS__DATA__PATH="$folder/data-$i" \
    start "calls-$i" dotnet "$service" --urls "http://127.0.0.1:$((port + i))"
done
start haproxy haproxy -f "$folder/haproxy.cfg"
front=${started[-1]}

for ((i = 1; i <= nodes; i++)); do
  for ((tries = 0; ; tries++)); do
    grep -q 'Calls is ready' "$folder/calls-$i.log" && break
    kill -0 "${started[i]}" 2>/dev/null || { tail -n 5 "$folder/calls-$i.log" >&2; fail "calls-$i did not start"; }
    [ "$tries" -lt 600 ] || fail "calls-$i is not ready after a minute: see $folder/calls-$i.log"
    sleep 0.1
  done
  printf 'calls-%d  http://127.0.0.1:%d  pid %d\n' "$i" $((port + i)) "${started[i]}"
done
kill -0 "$front" 2>/dev/null || { tail -n 5 "$folder/haproxy.log" >&2; fail "the front did not start"; }
cat <<EOF
redis    127.0.0.1:$redis  pid ${started[0]}
front    http://localhost:$port  (open it in two windows, and sign in as two people)

Kill a node:    kill -9 PID        Freeze it: kill -STOP PID, kill -CONT PID
Drain a node:   token=\$(curl -s localhost:$port/dev/token -H 'Content-Type: application/json' -d '{"user_id":"ops","admin":true}' | cut -d'"' -f4)
                curl -s -X POST -H "Authorization: Bearer \$token" localhost:$port/api/admin/nodes/calls-1/drain
See the nodes:  curl -s -H "Authorization: Bearer \$token" localhost:$port/api/admin/nodes
EOF
# Until somebody has had enough, or nothing is left.
while kill -0 "${started[@]}" 2>/dev/null; do sleep 1; done
for pid in "${started[@]:1:nodes}"; do while kill -0 "$pid" 2>/dev/null; do sleep 1; done; done
fail "no node is left"
