"""The window as tests see it: a display of its own, the real program, its JSON, and keys and clicks by xdotool."""
import json
import os
import pathlib
import re
import subprocess
import threading
import time

from harness import BIN_DIR, WITH_PARENT, Failed, PATIENCE, until

# Where pictures of the window are kept to be looked at; none by default.
SHOTS = os.environ.get("GUI_SHOTS")


class Display:
    """An X server without a screen."""

    def __init__(self, width=1280, height=800):
        self.read, write = os.pipe()
        self.process = subprocess.Popen(
            WITH_PARENT + ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
            pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(self.read) as pipe:
            self.name = ":" + pipe.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def xdotool(self, *arguments):
        done = subprocess.run(["xdotool", *map(str, arguments)], env=dict(os.environ, DISPLAY=self.name, LC_ALL="C.UTF-8"),
                              capture_output=True, text=True, timeout=30)
        return done.stdout.strip()

    def shot(self, name):
        """A picture of the whole display, where somebody wants to look."""
        if not SHOTS:
            return
        pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", f"{SHOTS}/{name}.png"], env=dict(os.environ, DISPLAY=self.name), timeout=30,
                       check=True)


class Gui:
    """connectsphere-gui --json on a display."""

    def __init__(self, display, folder, name="Gerda", server=None, options=(), size="1280x800", join=True, trust=True,
                 environment=None):
        self.display, self.name = display, name
        self.home = pathlib.Path(folder) / f"gui-{name}"
        (self.home / "Downloads").mkdir(parents=True, exist_ok=True)
        self.view, self.controls, self.toasts, self.draws, self.errors = {}, {}, [], [], []
        command = [BIN_DIR / "connectsphere-gui", "--json", "--window-size", size, "--name", name, *options]
        for device in ("--audio-in", "--audio-out"):
            command += [device, "none"] if device not in options else []
        if server:
            command += ["--server", server]
        if trust:
            command += ["--trust-new"]
        if join:
            command += ["--join"]
        surroundings = {key: value for key, value in os.environ.items() if key not in ("PULSE_SERVER", "WAYLAND_DISPLAY")}
        surroundings.update(DISPLAY=display.name, HOME=str(self.home), XDG_STATE_HOME=str(self.home), LC_ALL="C.UTF-8",
                            XDG_CONFIG_HOME=str(self.home / "config"), XDG_RUNTIME_DIR=str(self.home))
        surroundings.update({key: value for key, value in (environment or {}).items() if key != "HOME"})
        self.process = subprocess.Popen(WITH_PARENT + command, env=surroundings, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.threads = [threading.Thread(target=self.read_events, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        self.until(lambda: self.controls, "the window shows something")
        self.display.xdotool("search", "--sync", "--onlyvisible", "--name", "ConnectSphere", "windowfocus")
        return self

    def __exit__(self, kind, *_):
        if kind:
            print("---- gui", self.view, *self.toasts[-5:], *self.errors[-5:], sep="\n", flush=True)
            self.display.shot("failed")
        self.process.terminate()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def read_events(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "view":
                self.view = event
            elif event["event"] == "controls":
                self.window = (event["width"], event["height"])
                self.controls = {control["name"]: control for control in event["controls"]}
            elif event["event"] == "toast":
                self.toasts.append(event["text"])
            elif event["event"] == "drawn":
                self.draws.append(event)

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode(errors="replace").rstrip())

    def until(self, condition, what, timeout=PATIENCE):
        def held():
            if self.process.poll() is not None:
                raise Failed(f"the window ended with code {self.process.returncode}: {self.errors[-5:]}")
            return condition()
        return until(held, what, timeout)

    def wait(self, timeout=PATIENCE, **fields):
        """Until the view has these values."""
        self.until(lambda: all(self.view.get(key) == value for key, value in fields.items()), f"{fields} in {self.view}", timeout)

    def click(self, name, double=False):
        self.until(lambda: name in self.controls, f"a control {name!r} in {list(self.controls)}")
        control = self.controls[name]
        self.display.xdotool("mousemove", control["x"] + control["width"] // 2, control["y"] + control["height"] // 2)
        time.sleep(0.05)
        self.display.xdotool("click", "--repeat", 2 if double else 1, "--delay", 60, 1)

    def click_text(self, name, x, double=False):
        """Into a text, that many pixels from its left."""
        control = self.controls[name]
        self.display.xdotool("mousemove", control["x"] + x, control["y"] + control["height"] // 2)
        time.sleep(0.05)
        self.display.xdotool("click", "--repeat", 2 if double else 1, "--delay", 60, 1)

    def drag(self, begin, end):
        self.display.xdotool("mousemove", *begin)
        time.sleep(0.05)
        self.display.xdotool("mousedown", 1)
        for step in range(1, 5):
            self.display.xdotool("mousemove", *(a + (z - a) * step // 4 for a, z in zip(begin, end)))
            time.sleep(0.05)
        self.display.xdotool("mouseup", 1)

    def key(self, *names):
        self.display.xdotool("key", "--delay", "40", *names)

    def type(self, text):
        """xdotool puts a letter that the keyboard lacks onto a spare key for a moment, and loses it now and then: each of
        those is waited for, and typed again."""
        parts = re.findall("[ -~]+|[^ -~]", text)
        for part in parts:
            self.type_part(part, tries=1 if part.isascii() else 5, is_all=len(parts) == 1)

    def type_part(self, part, tries, is_all):
        before = self.view["typing"]
        for left in reversed(range(tries)):
            self.display.xdotool("type", "--delay", "40", part)
            if is_all:
                return  # what it did is the caller's to see
            try:
                return self.until(lambda: self.view["typing"].endswith(part), f"{part!r} is typed", 20 if left == 0 else 2)
            except Failed:
                if left == 0 or self.view["typing"] != before:
                    raise
