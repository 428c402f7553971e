"""People who give one command after another, and the files that they give each other."""
import hashlib
import json
import os
import random
import subprocess

from .basics import BIN_DIR, WITH_PARENT

OK, FAILED, NOT_FOUND, REFUSED, INCOMPLETE = 0, 1, 6, 4, 8
MIB = 1 << 20

# Sizes and moments of what is left to chance; a failure is repeated with the seed that it printed.
SEED = int(os.environ.get("CS_FILES_SEED") or random.randrange(1 << 32))


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(MIB):
            digest.update(block)
    return digest.hexdigest()


def make_file(path, size, seed=1):
    """Bytes that do not repeat, quickly."""
    source = random.Random(seed)
    block = source.randbytes(MIB)
    with open(path, "wb") as file:
        for i in range(size // MIB + 1):
            file.write((i.to_bytes(8, "big") + block[8:])[:min(MIB, size - i * MIB)])
    return path


class Person:
    """Who gives one command after another, with a state and a folder of its own."""

    def __init__(self, server, name, room="lobby", to=None):
        """to: another address, as of a Detour."""
        self.server, self.name, self.room, self.address = server, name, room, to or server.address
        self.home = server.folder.path / "people" / name
        self.home.mkdir(parents=True, exist_ok=True)

    def start(self, command, *arguments, json=True, **options):
        environment = dict(os.environ, XDG_STATE_HOME=str(self.home / "state"), HOME=str(self.home))
        return subprocess.Popen(
            WITH_PARENT + [BIN_DIR / "connectsphere", command, *(["--json"] if json else []), "--room", self.room, "--name", self.name, "--server",
                           f"{self.address}:{self.server.ports['control_port']}", *map(str, arguments)],
            **{"env": environment, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               "text": True, "cwd": self.home, **options})

    def run(self, command, *arguments, timeout=120):
        """(exit code, events)"""
        process = self.start(command, *arguments)
        out, errors = process.communicate(timeout=timeout)
        self.errors = errors
        return process.returncode, [json.loads(line) for line in out.splitlines()]

    def do(self, command, *arguments, timeout=120):
        code, events = self.run(command, *arguments, timeout=timeout)
        if code != OK:
            raise AssertionError(f"{command} {arguments}: exit code {code}, {events[-2:]}, {self.errors}")
        return events

    def files(self, *arguments):
        return [e for e in self.do("files", *arguments) if e["event"] == "files"][0]["files"]
