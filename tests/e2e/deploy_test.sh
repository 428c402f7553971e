#!/usr/bin/env bash
# deploy/connectsphere with small fake services: start, a death and the restart, a configuration error, two instances
# side by side, a supervisor that is killed, the foreground, and nothing left behind.
#
#   deploy_test.sh PATH_TO_DEPLOY_SCRIPT
# shellcheck disable=SC2317 # functions are reached through check
set -uo pipefail

script=$(readlink -f "$1")
root=$(mktemp -d)
services=(gateway signaling video-relay audio-mixer screen-broker file-store status)
failures=0

# Whatever happens, only what this test started is ended.
cleanup() {
    local dir
    for dir in "$root"/run*; do
        [[ -d $dir ]] && BIN_DIR="$root/bin" "$script" --config "$root/a.conf" --run-dir "$dir" down >/dev/null 2>&1
    done
    rm -rf "$root"
}
trap cleanup EXIT

check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >/dev/null; then
        echo "ok    $what"
    else
        echo "FAIL  $what"
        failures=$((failures + 1))
    fi
}
eventually() { # COMMAND... within 5 s
    local tenths=50
    until "$@"; do
        ((tenths-- > 0)) || return 1
        sleep 0.1
    done
}
not() { ! "$@"; }

# A fake service: says what it was given, stops on SIGTERM, ends as the file RUN_DIR/SERVICE.exit tells it. The fake
# status service answers every request with 200 on the port of the configuration.
mkdir "$root/bin"
cat >"$root/bin/fake" <<'FAKE'
#!/usr/bin/env python3
import os, re, signal, sys
name = os.path.basename(sys.argv[0])[3:]
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
text = open(options["--config"]).read()
if "--check-config" in sys.argv:
    sys.exit(2 if "broken" in text else 0)
print("starting", *sys.argv[1:], flush=True)
if name == "gateway" and "control_port: 0" in text:
    open(os.path.join(options["--run-dir"], "gateway.ports"), "w").write("control 9999\n")
code = os.path.join(options["--run-dir"], name + ".exit")
if os.path.exists(code):
    sys.exit(int(open(code).read()))
stubborn = os.path.exists(os.path.join(options["--run-dir"], name + ".stubborn"))
signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else lambda *_: os._exit(0))
if name == "status":
    import http.server
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *_):
            pass
    port = int(re.search(r"status_port: (\d+)", text).group(1))
    http.server.ThreadingHTTPServer.allow_reuse_address = True
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()
while True:
    signal.pause()
FAKE
chmod +x "$root/bin/fake"
for service in "${services[@]}"; do ln -s fake "$root/bin/cs-$service"; done

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
for instance in a b; do
    mkdir -p "$root/state/$instance/tls"
    echo "SHA256:fingerprint-$instance" >"$root/state/$instance/tls/fingerprint"
    cat >"$root/$instance.conf" <<CONF
state_dir: "$root/state/$instance"  # a comment
listen { address: "::" control_port: 9000 status_port: $(free_port) }
CONF
done
echo "broken" >"$root/broken.conf"
sed -i 's/address: "::" control_port: 9000/address: "127.0.0.1" control_port: 0/' "$root/b.conf"

server() { # INSTANCE COMMAND...
    local instance=$1
    shift
    BIN_DIR="$root/bin" RUN_DIR="$root/run_$instance" "$script" --config "$root/$instance.conf" "$@"
}
pid_of() { cut -d ' ' -f 1 "$root/run_$1/supervisor/$2" 2>/dev/null; }
is_new() { [[ -n $(pid_of "$1" "$2") && $(pid_of "$1" "$2") != "$3" ]] && kill -0 "$(pid_of "$1" "$2")" 2>/dev/null; }
# Processes whose command line names this test's folder, without asking by name.
processes() { # INSTANCE
    local file
    for file in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -qF "$root/run_$1" && basename "$(dirname "$file")"
    done
    true
}
nothing_runs() { [[ -z $(processes "$1") ]]; }
logged() { grep -q "$2" "$root/run_$1/log/supervisor.log"; }

cd /
up=$(server a up 2>&1)
check "up says ready" grep -q ready <<<"$up"
check "up tells the fingerprint" grep -q SHA256:fingerprint-a <<<"$up"
check "up tells the client's command line" grep -qE "connectsphere join --server [^ ]+ --name YOUR_NAME$" <<<"$up"
check "status is 0 when all is well" server a status
check "status --json is JSON with seven services" python3 -c \
    'import json, sys; s = json.loads(sys.argv[1]); sys.exit(not (s["ready"] and len(s["services"]) == 7))' \
    "$(server a status --json)"
check "a second up is refused" not server a up 2>/dev/null
check "services get their options" grep -q -- "--config $root/a.conf --run-dir $root/run_a" "$root/run_a/log/signaling.log"

old=$(pid_of a signaling.pid)
kill -9 "$old"
check "a killed service is back" eventually is_new a signaling.pid "$old"
old=$(pid_of a signaling.pid)
server a restart signaling >/dev/null
check "restart makes a new process" is_new a signaling.pid "$old"
check "an unknown service is refused" not server a restart nothing 2>/dev/null
check "logs name the service" grep -q "signaling | starting" <<<"$(server a logs)"

echo 2 >"$root/run_a/file-store.exit"
kill -9 "$(pid_of a file-store.pid)"
check "exit code 2 is told" eventually logged a "file-store: configuration error"
starts() { grep -c starting "$root/run_a/log/$1.log"; }
before=$(starts file-store)
sleep 1
check "exit code 2 is not restarted" test "$(starts file-store)" -eq "$before"
check "status is 1 when a service is away" not server a status
rm "$root/run_a/file-store.exit"
server a restart file-store >/dev/null
check "restart brings it back" server a status

before=$(starts video-relay)
echo 1 >"$root/run_a/video-relay.exit"
kill -9 "$(pid_of a video-relay.pid)"
sleep 3
crashes=$(($(starts video-relay) - before))
check "a crash loop is slowed down ($crashes starts in 3 s)" test "$crashes" -ge 3 -a "$crashes" -le 7
rm "$root/run_a/video-relay.exit"

up=$(server b up 2>&1)
check "the command line names the loopback address where nothing else is listened on, and the bound port" \
    grep -q "join --server 127.0.0.1:9999 --name" <<<"$up"
check "two instances stand side by side" server b status
check "the second leaves the first alone" test -n "$(pid_of a supervisor.pid)" -a \
    "$(pid_of a supervisor.pid)" != "$(pid_of b supervisor.pid)"
server b down >/dev/null
check "down leaves no process" nothing_runs b
check "down of one leaves the other" server a restart gateway
server a down >/dev/null
check "down leaves no process of the first" nothing_runs a
check "down leaves no record" test -z "$(find "$root/run_a/supervisor" -name '*.pid' -o -name '*.keeper' -o -name '*.state')"
check "down twice is fine" server a down
server a status >/dev/null
check "status is 3 when it does not run" test $? -eq 3

# A pid file whose process is another one now.
echo "$$ 12345" >"$root/run_a/supervisor/supervisor.pid"
server a down >/dev/null
check "down with a stale pid file kills nobody" kill -0 $$
echo "$$ 12345" >"$root/run_a/supervisor/supervisor.pid"
server a up >/dev/null
check "up ignores a stale pid file" server a status
kill -9 "$(pid_of a supervisor.pid)"
check "nothing outlives a killed supervisor" eventually nothing_runs a
server a up >/dev/null
check "up after that works" server a status
server a down >/dev/null

touch "$root/run_a/audio-mixer.stubborn"
BIN_DIR="$root/bin" "$script" --config "$root/a.conf" --run-dir "$root/run_a" up --foreground >"$root/foreground.log" 2>&1 &
foreground=$!
check "the foreground says ready" eventually grep -q "connectsphere: ready" "$root/foreground.log"
check "the foreground shows logs by service" eventually grep -q "^gateway | starting" "$root/foreground.log"
SECONDS=0
kill -TERM "$foreground" # a background process of a script cannot get SIGINT; the trap is the same
wait "$foreground"
check "the foreground stops within 5 s, with a service that will not ($SECONDS s)" test "$SECONDS" -le 5
check "the foreground leaves no process" nothing_runs a

check "a wrong configuration starts nothing" test "$(server broken up >/dev/null 2>&1; echo $?)" -eq 2
check "an unknown command is refused" not server a dance 2>/dev/null

((failures == 0)) || echo "$failures checks failed"
exit "$((failures > 0))"
