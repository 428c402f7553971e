#!/usr/bin/env python3
"""What systemd and a service say to each other, with real programs and no systemd: the five sockets by name, READY, the
watchdog, SIGHUP, and the exit code that a restart does not cure.

    systemd_test.py BIN_DIR
"""
import fcntl
import os
import pathlib
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = pathlib.Path(sys.argv[1]).resolve()
PLANES = {"control": socket.SOCK_STREAM, "screen": socket.SOCK_STREAM, "files": socket.SOCK_STREAM,
          "video": socket.SOCK_DGRAM, "audio": socket.SOCK_DGRAM}
PATIENCE = 10  # seconds
failures = 0


def check(what, is_right):
    global failures
    print("ok   " if is_right else "FAIL ", what)
    failures += not is_right


def eventually(claim):
    end = time.monotonic() + PATIENCE
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Service:
    """One service in `root`, with sockets as systemd hands them over, and ears for sd_notify."""

    def __init__(self, root, name, sockets=None, conf="", watchdog=None):
        self.root = root
        self.log = root / f"{name}.log"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = root / f"{name}.notify"
        path.unlink(missing_ok=True)
        self.notify.bind(str(path))
        (root / "conf").write_text(f'state_dir: "{root}/state" listen {{ address: "127.0.0.1" control_port: 0 screen_port: 0 '
                                   f'files_port: 0 video_port: 0 audio_port: 0 status_port: 0 }}\n{conf}')
        sockets = sockets or {}
        environment = {**os.environ, "NOTIFY_SOCKET": str(path)}
        if watchdog:
            environment["WATCHDOG_USEC"] = str(watchdog)

        def hand_over():
            # Out of the way first: one of them may stand where another one belongs.
            high = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 100) for one in sockets.values()]
            for i, number in enumerate(high):
                os.dup2(number, 3 + i)
                os.close(number)

        if sockets:
            environment |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": ":".join(sockets)}
        # A shell names its own process id in LISTEN_PID and becomes the service.
        command = ["sh", "-c", 'test -z "$LISTEN_FDS" || export LISTEN_PID=$$; exec "$@"', "sh", BIN / f"cs-{name}",
                   "--config", root / "conf", "--run-dir", root / "run"]
        self.process = subprocess.Popen(command, env=environment, preexec_fn=hand_over if sockets else None, close_fds=not sockets,
                                        stderr=self.log.open("a"))

    def hears(self, word):
        end = time.monotonic() + PATIENCE
        while select.select([self.notify], [], [], max(0, end - time.monotonic()))[0]:
            if word in self.notify.recv(256).decode().split("\n"):
                return True
        return False

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def logged(self, text):
        return text in self.log.read_text()


def certificate(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.getpeercert(binary_form=True)


def ports_of(root, service):
    return {name: int(port) for name, port in map(str.split, (root / f"run/{service}.ports").read_text().splitlines())}


def activation(root):
    sockets = {}
    for name, kind in PLANES.items():
        sockets[name] = socket.socket(socket.AF_INET6, kind)
        sockets[name].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sockets[name].bind(("::", 0))
        if kind == socket.SOCK_STREAM:
            sockets[name].listen()
    ports = {name: one.getsockname()[1] for name, one in sockets.items()}
    gateway = Service(root, "gateway", dict(reversed(sockets.items())), watchdog=400_000)  # the order means nothing
    check("the gateway says READY=1", gateway.hears("READY=1"))
    check("it took all five sockets, each for its plane", ports_of(root, "gateway") == ports)
    check("it answers on the port that was handed over", len(certificate(ports["control"])) > 0)
    check("it feeds the watchdog", gateway.hears("WATCHDOG=1") and gateway.hears("WATCHDOG=1"))
    relay = Service(root, "video-relay")
    check("a plane is ready when it has borrowed its socket", relay.hears("READY=1"))
    check("and that is systemd's", relay.logged(f"port={ports['video']}"))
    check("SIGTERM: STOPPING=1 and exit code 0", (gateway.stop(), gateway.hears("STOPPING=1")) == (0, True))
    relay.stop()


def reload(root):
    gateway = Service(root, "gateway")
    gateway.hears("READY=1")
    port = ports_of(root, "gateway")["control"]
    before = certificate(port)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=own",
                    "-keyout", root / "key.pem", "-out", root / "cert.pem"], check=True, capture_output=True)
    own = (root / "conf").read_text() + f'tls {{ certificate_file: "{root}/cert.pem" key_file: "{root}/key.pem" }}\n'
    (root / "conf").write_text("nonsense: 1")
    gateway.process.send_signal(signal.SIGHUP)
    check("SIGHUP: READY=1 again", gateway.hears("RELOADING=1") and gateway.hears("READY=1"))
    check("a wrong configuration is told and changes nothing", gateway.logged("reload-failed") and certificate(port) == before)
    (root / "conf").write_text(own + 'log { level: "warn" }')
    gateway.process.send_signal(signal.SIGHUP)
    check("SIGHUP shows the new certificate", eventually(lambda: certificate(port) != before))
    gateway.hears("READY=1")
    gateway.stop()
    check("and takes the new level of the log", not gateway.logged("stopping"))

    (root / "key.pem").write_text("garbage")
    checked = subprocess.run([BIN / "cs-gateway", "--config", root / "conf", "--check-config"], capture_output=True, text=True)
    check("a key that does not load: exit code 2, naming the file", checked.returncode == 2 and "key.pem" in checked.stderr)
    refused = Service(root, "gateway", conf=own)
    check("the gateway does not start with it", refused.process.wait(PATIENCE) == 2 and not select.select([refused.notify], [], [], 0)[0])


def status(root):
    one = Service(root, "status")
    check("status says READY=1", one.hears("READY=1"))
    port = ports_of(root, "status")["status"]
    check("and answers then at once", urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE).status == 200)
    other = root / "other"
    other.mkdir()
    (other / "conf").write_text(f"listen {{ status_port: {port} }}")
    blocked = subprocess.run([BIN / "cs-status", "--config", other / "conf", "--run-dir", other / "run"], capture_output=True, text=True,
                             timeout=PATIENCE)
    check("with a port that is taken it fails, and is never ready", blocked.returncode == 1 and " ready" not in blocked.stderr)
    one.stop()


def socket_activate(root):
    """The same with systemd's own tool, which knows one kind of socket at a time."""
    if not shutil.which("systemd-socket-activate"):
        return print("skip  systemd-socket-activate is not installed")
    (root / "conf").write_text(f'state_dir: "{root}/state" listen {{ address: "127.0.0.1" control_port: 0 screen_port: 0 '
                               f'files_port: 0 video_port: 0 audio_port: 0 }}')
    ports = []
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    tool = subprocess.Popen(["systemd-socket-activate", *[f"--listen=127.0.0.1:{port}" for port in ports],
                             "--fdname=control:screen:files", BIN / "cs-gateway", "--config", root / "conf", "--run-dir", root / "run"],
                            stderr=subprocess.DEVNULL)
    def answers():
        try:
            return bool(certificate(ports[0]))
        except OSError:
            return False
    check("systemd-socket-activate: the first client is served", eventually(answers))
    check("on the three ports that it opened", list(ports_of(root, "gateway").values())[:3] == ports)
    tool.terminate()
    tool.wait(PATIENCE)


for part in (activation, reload, status, socket_activate):
    with tempfile.TemporaryDirectory() as folder:
        part(pathlib.Path(folder))
sys.exit(failures > 0)
