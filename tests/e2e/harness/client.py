"""A participant: the program `connectsphere`, driven by lines and read by its events."""
import contextlib
import json
import os
import signal
import subprocess
import threading
import time

from .basics import BIN_DIR, DATA, PATIENCE, WITH_PARENT, Failed, until, with_port


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
