"""Where things are, waiting for conditions, processes, ports and folders."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
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
