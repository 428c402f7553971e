"""What the tests with real processes share: a server of seven services, clients, and ways in between.

    with Server() as server:
        ann = server.client("ann", audio="voice_jfk.wav", record=True)
        ann.wait_for("joined")
        server.kill("audio-mixer")
        server.start("audio-mixer")

Every server lives in a temporary folder of its own, on ports of its own, so that tests may run side by side. Every
process is known by its handle, and is told to end when its parent dies. Leaving the `with` block stops everything and
fails if something is left.

The way of a packet. Clients learn the ports of the UDP planes from the server and look for them on the address by which
they know it. So a server listens on 127.0.0.1; who wants to stand in between listens on 127.0.0.2 with the same ports
(`Detour`), and clients that join 127.0.0.2 take the detour.

Only the standard library is used. BIN_DIR names the programs; default: build/dev/bin of this tree.
"""
import array
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import wave

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
BIN_DIR = pathlib.Path(os.environ.get("BIN_DIR") or ROOT / "build" / "dev" / "bin").resolve()

SERVICES = ("gateway", "signaling", "video-relay", "audio-mixer", "screen-broker", "file-store", "status")
TCP_PORTS = ("control_port", "screen_port", "files_port", "status_port")
UDP_PORTS = ("video_port", "audio_port")
PATIENCE = 20  # seconds that a condition may take on a busy machine before a test fails
STOP_PATIENCE = 8

# A test that is killed takes its processes with it.
WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


class Failed(AssertionError):
    """A condition that did not come true in time."""


def until(condition, what, timeout=PATIENCE, period=0.02):
    """Waits until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {timeout} s: {what}")
        time.sleep(period)


def free_ports(address="127.0.0.1"):
    """A free port for every key of `listen`, below those that the kernel gives to connections."""
    ports, held = {}, []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        for name in TCP_PORTS + UDP_PORTS:
            kind = socket.SOCK_STREAM if name in TCP_PORTS else socket.SOCK_DGRAM
            while name not in ports:
                port = random.randrange(10240, 32000)
                one = stack.enter_context(socket.socket(family, kind))
                try:
                    one.bind((address, port))
                except OSError:
                    continue
                if port not in held:
                    ports[name] = port
                    held.append(port)
    return ports


def processes_that_name(folder):
    """Command lines that hold `folder`, by pid: what a test has left behind."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found[int(entry.name)] = line
    return found


def with_port(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def stop_process(process, timeout=STOP_PATIENCE):
    """Asks it to end; the exit code, negative for a signal. Kills it only when it does not listen."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed(f"{process.args} did not end within {timeout} s of SIGTERM") from None
    return process.returncode


class Folder:
    """A temporary folder that goes with its content; short, because a path of a Unix socket holds 107 bytes."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="cs-"))

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """Seven services, each a child of this process."""

    def __init__(self, config="", services=SERVICES, address="127.0.0.1", start=True):
        self.folder = Folder()
        self.address = address
        self.ports = free_ports(address)
        self.run_dir = self.folder.path / "run"
        self.config_file = self.folder.path / "connectsphere.conf"
        self.config_file.write_text(self.config_text(config))
        self.processes, self.clients, self.helpers = {}, [], []
        self.log_of = {}
        try:
            if start:
                self.start_all(services)
        except BaseException:
            self.end()
            raise

    def config_text(self, more):
        keys = "\n".join(f"  {name}: {port}" for name, port in self.ports.items())
        return (f'server_name: "test"\nstate_dir: "{self.folder.path}/state"\n'
                f'listen {{\n  address: "{self.address}"\n{keys}\n}}\n{more}\n')

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.show_logs()
        self.end(check=kind is None)

    # ---- services

    def start_all(self, services=SERVICES):
        for service in services:
            self.start(service)
        if set(services) == set(SERVICES):
            self.wait_ready()

    def stop_services(self):
        """All of them; leaving the `with` block has nothing left to stop."""
        for service in list(self.processes):
            stop_process(self.processes.pop(service))

    def start(self, service):
        assert service not in self.processes, f"{service} runs"
        log = open(self.folder.path / f"{service}.log", "ab")
        with log:
            self.processes[service] = subprocess.Popen(
                WITH_PARENT + [BIN_DIR / f"cs-{service}", "--config", self.config_file, "--run-dir", self.run_dir],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, service):
        """Without a warning, as a crash would."""
        process = self.processes.pop(service)
        process.kill()
        process.wait()

    def restart(self, service):
        self.kill(service)
        self.start(service)

    def pid(self, service):
        return self.processes[service].pid

    def is_alive(self, service):
        return service in self.processes and self.processes[service].poll() is None

    def log(self, service):
        path = self.folder.path / f"{service}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def show_logs(self):
        for service in SERVICES:
            lines = self.log(service).splitlines()[-15:]
            print(f"---- {service}", *lines, sep="\n", flush=True)
        for client in self.clients:
            client.show()

    # ---- status

    def get(self, path, timeout=3):
        """(status code, body) of the status port; code 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["status_port"], timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def status(self):
        code, body = self.get("/status")
        return json.loads(body) if code == 200 else {}

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def wait_ready(self):
        until(self.is_ready, "every service is ready")

    def metrics(self):
        """{name{labels}: value}, after checking that every line is Prometheus text format."""
        return parse_metrics(self.get("/metrics")[1])

    def metric(self, name, **labels):
        """The sum of all samples of this name with these labels."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        return sum(value for key, value in self.metrics().items()
                   if key.split("{")[0] == name and wanted <= set(re.findall(r'\w+="[^"]*"', key)))

    def wait_metric(self, name, at_least, **labels):
        return until(lambda: self.metric(name, **labels) >= at_least, f"{name} {labels} >= {at_least}", period=0.2)

    # ---- clients and what stands between

    def client(self, name, **options):
        client = Client(self, name, **options)
        self.clients.append(client)
        return client

    def helper(self, command, **options):
        process = subprocess.Popen(WITH_PARENT + command, **options)
        self.helpers.append(process)
        return process

    def end(self, check=True):
        """Stops everything. With `check`: everything must end by itself, with exit code 0, and leave nothing."""
        problems = []
        for client in self.clients:
            client.kill()
        for process in self.helpers:
            try:
                stop_process(process)
            except Failed as failure:
                problems.append(str(failure))
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        for service, process in self.processes.items():
            died = process.poll()
            if died is not None:
                problems.append(f"{service} had ended with code {died}")
                continue
            try:
                if stop_process(process) != 0:
                    problems.append(f"{service} ended with code {process.returncode}")
            except Failed as failure:
                problems.append(str(failure))
        left = processes_that_name(self.folder.path)
        if left:
            problems.append(f"left behind: {left}")
        if check and problems:
            self.show_logs()
        self.folder.remove()
        if check and problems:
            raise Failed("; ".join(problems))


SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)(?: \d+)?$')


def parse_metrics(text):
    samples = {}
    for line in text.splitlines():
        if not line or line.startswith("# HELP ") or line.startswith("# TYPE "):
            continue
        found = SAMPLE.match(line)
        if not found:
            raise Failed(f"not Prometheus text format: {line!r}")
        samples[found[1]] = float(found[2])
    return samples


class Client:
    """`connectsphere join … --json`, its events read as they come."""

    def __init__(self, server, name, room="lobby", voice=None, audio_in=None, record=False, video_in=None, keep=False,
                 stay=None, to=None, port=None, options=(), state=None, environment=None):
        """voice: a file of tests/data; record: keep what is heard; keep: keep the pictures; to: another address;
        environment: another than ours."""
        self.name = name
        self.home = server.folder.path / "clients" / name
        self.recording = self.home / "heard.wav"
        self.pictures = self.home / "seen"
        self.home.mkdir(parents=True, exist_ok=True)
        self.events, self.errors = [], []
        self.changed = threading.Condition()
        command = [BIN_DIR / "connectsphere", "join", "--json", "--room", room, "--name", name,
                   "--server", with_port(to or server.address, port or server.ports["control_port"]), *options]
        if voice or audio_in:
            command += ["--audio-in", DATA / voice if voice else audio_in]
        if record:
            command += ["--audio-out", self.recording]
        if video_in:
            command += ["--video-in", *video_in]
        if keep:
            command += ["--video-out", self.pictures]
        if stay:
            command += ["--for", f"{stay}s"]
        environment = dict(environment or os.environ, XDG_STATE_HOME=str(state or self.home))
        self.process = subprocess.Popen(WITH_PARENT + command, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.threads = [threading.Thread(target=self.read_events, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()

    def read_events(self):
        for line in self.process.stdout:
            event = json.loads(line)
            event["at"] = time.monotonic()
            with self.changed:
                self.events.append(event)
                self.changed.notify_all()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode(errors="replace"))

    def show(self):
        lines = [json.dumps({key: value for key, value in event.items() if key != "v"}) for event in self.events]
        print(f"---- client {self.name}", *(line[:300] for line in lines[-12:]), *self.errors[-5:], sep="\n", flush=True)

    # ---- events

    def seen(self, event, since=0, **fields):
        """The events of this name that have these fields, from number `since` on."""
        with self.changed:
            return [e for e in self.events[since:]
                    if e["event"] == event and all(e.get(key) == value for key, value in fields.items())]

    def mark(self):
        """How many events there are: for `since`."""
        with self.changed:
            return len(self.events)

    def wait_for(self, event, predicate=lambda event: True, timeout=PATIENCE, since=0, **fields):
        deadline = time.monotonic() + timeout
        while True:
            for found in self.seen(event, since, **fields):
                if predicate(found):
                    return found
            with self.changed:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Failed(f"{self.name}: no event {event} {fields} within {timeout} s")
                self.changed.wait(min(left, 0.1))

    def wait_for_people(self, names, timeout=PATIENCE):
        """Until it has been told of all of them."""
        def all_came():
            told = [p["name"] for e in self.seen("joined") for p in e["participants"]]
            told += [e["participant"]["name"] for e in self.seen("participant_joined")]
            return set(names) <= set(told)
        until(all_came, f"{self.name} is told of {names}", timeout)

    @property
    def session(self):
        return self.wait_for("joined")["session"]

    # ---- acts

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def leave(self):
        """Leaves as a person would; the summary."""
        if self.process.poll() is None:
            self.send("/leave")
        return self.finish()

    def finish(self, timeout=PATIENCE):
        """Waits until it has ended by itself; the summary, if there is one."""
        code = self.wait(timeout)
        if code != 0:
            raise Failed(f"{self.name} ended with code {code}: {self.errors[-3:]}")
        return self.wait_for("summary", timeout=1)

    def wait(self, timeout=PATIENCE):
        """Its exit code, with all its output read."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {timeout} s") from None
        for thread in self.threads:
            thread.join()
        return code

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()


# ---- stock tools in a room

def sdp_offer(server, *options):
    """What `connectsphere sdp` says to a tool; it holds the place of "tool" in the room until the server ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1] & ~1
    home = server.folder.path / "sdp"
    home.mkdir()
    process = server.helper(
        [BIN_DIR / "connectsphere", "sdp", "--json", "--name", "tool", "--receive-at", str(port),
         "--server", with_port(server.address, server.ports["control_port"]), *options],
        env=dict(os.environ, XDG_STATE_HOME=str(home)), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "sdp":
            return event
        if event["event"] == "error":
            raise Failed(f"sdp: {event}")
    raise Failed("sdp printed no sdp")


def ffmpeg_sends(server, offer, file):
    """A file of tests/data, by the command that the offer gives."""
    command = offer["ffmpeg_send"].replace("FILE", str(DATA / file))
    server.helper(["sh", "-c", "exec " + command.replace("ffmpeg ", "ffmpeg -v error ", 1)],
                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


# ---- what a client has recorded

def verify(*arguments):
    run = subprocess.run([BIN_DIR / "cs-test-verify", *arguments], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise Failed(run.stderr.strip())
    return json.loads(run.stdout)


def voices_heard(client, voices):
    """{file: whether it is present, score …} of what the client recorded."""
    found = verify("voices", client.recording, *(DATA / voice for voice in voices))["voices"]
    return dict(zip(voices, found))


def pictures_of(client, sender, clip=None):
    """What is in the pictures that the client kept of `sender`."""
    folder = client.pictures / sender
    if not folder.is_dir():
        return {"files": 0, "undecodable": 0, "marked": 0, "tags": 0}
    return verify("pictures", folder, *(("--clip", DATA / clip) if clip else ()))


def loudness(recording, step=0.02):
    """RMS of every 20 ms."""
    with wave.open(str(recording)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        width = int(file.getframerate() * step)
    return [(sum(s * s for s in samples[i:i + width:4]) * 4 / width) ** 0.5
            for i in range(0, len(samples) - width + 1, width)]


def silences(recording, below=200, step=0.02):
    """Lengths in seconds of the silences between the first and the last sound, longest first."""
    levels = loudness(recording, step)
    gaps, run, heard = [], 0, False
    for level in levels:
        if level >= below:
            if heard and run:
                gaps.append(run * step)
            heard, run = True, 0
        else:
            run += 1
    return sorted(gaps, reverse=True)


# ---- what stands between clients and the server

class TcpForwarder:
    """Passes TCP connections of another address on, byte by byte, and their end too."""

    def __init__(self, listen, target):
        self.target, self.pairs, self.is_open = target, [], True
        self.captured, self.keep = [], 5000  # chunks, both ways: what somebody on the network sees
        self.listener = socket.create_server(listen)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while self.is_open:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                continue
            self.pairs += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if len(self.captured) < self.keep:
                    self.captured.append(data)
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.is_open = False
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.pairs:
            one.close()
        self.thread.join(timeout=5)


class UdpTap:
    """Passes datagrams on unharmed and keeps those of clients, as somebody on the network could."""

    def __init__(self, listen, target, keep=2000):
        self.captured, self.keep = [], keep
        self.target, self.ways = target, {}
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(listen)
        self.front.settimeout(0.2)
        self.is_open = True
        self.threads = [threading.Thread(target=self.upward, daemon=True)]
        self.threads[0].start()

    def upward(self):
        while self.is_open:
            try:
                data, source = self.front.recvfrom(65536)
            except OSError:
                continue
            if source not in self.ways:
                way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                way.connect(self.target)
                way.settimeout(0.2)
                self.ways[source] = way
                thread = threading.Thread(target=self.downward, args=(way, source), daemon=True)
                self.threads.append(thread)
                thread.start()
            if len(self.captured) < self.keep:
                self.captured.append(data)
            with contextlib.suppress(OSError):
                self.ways[source].send(data)

    def downward(self, way, client):
        while self.is_open:
            with contextlib.suppress(OSError):
                self.front.sendto(way.recv(65536), client)

    def close(self):
        self.is_open = False
        for thread in self.threads:
            thread.join(timeout=2)
        for one in (self.front, *self.ways.values()):
            one.close()


class Detour:
    """127.0.0.2 in front of a server: control by TcpForwarder, media as `bad_udp` or `tap` say."""

    ADDRESS = "127.0.0.2"

    def __init__(self, server):
        self.server, self.parts = server, []
        control = server.ports["control_port"]
        self.parts.append(TcpForwarder((self.ADDRESS, control), (server.address, control)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in self.parts:
            part.close()

    def tcp_bytes(self):
        """What went over the control connections, in chunks."""
        return [chunk for part in self.parts if isinstance(part, TcpForwarder) for chunk in part.captured]

    def bad_udp(self, *options):
        """Both media planes through the project's UDP proxy."""
        for plane in UDP_PORTS:
            port = str(self.server.ports[plane])
            process = self.server.helper(
                [BIN_DIR / "cs-test-udp-proxy", "--address", self.ADDRESS, "--listen", port, "--target", port,
                 "--for", "120s", *options], stdout=subprocess.PIPE, text=True)
            json.loads(process.stdout.readline())

    def tap(self, plane):
        port = self.server.ports[plane]
        self.parts.append(UdpTap((self.ADDRESS, port), (self.server.address, port)))
        return self.parts[-1]


class TestCase(unittest.TestCase):
    """A test with the voices of tests/data."""

    VOICES = ("voice_jfk.wav", "voice_reader1.wav", "voice_reader2.wav")
    NAMES = ("ann", "ben", "cleo")
    # A voice that is present scores at least 0.3, an absent one below 0.1 (lib/media/audio_match.hpp).

    def assert_hears_the_others(self, clients):
        """Each of three clients heard the two others' voices, and not its own."""
        for client, own in zip(clients, self.VOICES):
            for voice, match in voices_heard(client, self.VOICES).items():
                with self.subTest(listener=client.name, voice=voice):
                    self.assertEqual(match["present"], voice != own, match)
