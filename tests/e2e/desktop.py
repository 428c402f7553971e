"""A desktop of a test's own: a virtual X11 display (Xvfb) with the windows of real programs.

    with Desktop() as desktop:
        terminal = desktop.terminal()
        terminal.write("hello\\n")
        picture = desktop.screenshot()

Text is deterministic, so that two runs see the same; nothing here decides when a picture is still: compare until it is.
"""
import ctypes
import dataclasses
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

from harness import BIN_DIR, DATA, WITH_PARENT, Failed, stop_process, until


@dataclasses.dataclass(frozen=True)
class Picture:
    width: int
    height: int
    rgb: bytes  # three bytes a pixel, row by row

    def at(self, x, y):
        start = 3 * (y * self.width + x)
        return tuple(self.rgb[start:start + 3])

    def differing(self, other):
        """How many pixels are not the same; all of them if the sizes differ."""
        if (self.width, self.height) != (other.width, other.height):
            return self.width * self.height
        if self.rgb == other.rgb:
            return 0
        return sum(self.rgb[i:i + 3] != other.rgb[i:i + 3] for i in range(0, len(self.rgb), 3))


def parse_xwd(data):
    """The format of `xwd`: a header of 32-bit big-endian words, a map of colours, and the pixels."""
    (header, _, _, _, width, height, _, order, _, _, _, bits, stride, _, red, green, blue, _, _, colours) = struct.unpack(
        ">20I", data[:80])
    if (order, red, green, blue) != (0, 0xFF0000, 0xFF00, 0xFF):
        raise Failed("xwd gave pixels of another kind than blue, green, red")
    start = header + 12 * colours
    step = bits // 8  # 3 where windows have several visuals, else 4
    rgb = bytearray(3 * width * height)
    for y in range(height):
        row = data[start + y * stride:start + y * stride + step * width]
        for channel in range(3):
            rgb[3 * width * y + channel:3 * width * (y + 1):3] = row[2 - channel::step]
    return Picture(width, height, bytes(rgb))


def read_ppm(path):
    """The picture, or None while it is not written whole."""
    try:
        data = pathlib.Path(path).read_bytes()
        found = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
        width, height = int(found[1]), int(found[2])
        rgb = data[found.end():]
        return Picture(width, height, rgb) if len(rgb) == 3 * width * height else None
    except (OSError, TypeError):
        return None


class Terminal:
    """An xterm that shows what is written to it, and nothing else."""

    def __init__(self, desktop, geometry, title):
        self.pipe = desktop.folder / f"{title}.pipe"
        os.mkfifo(self.pipe)
        self.title = title
        self.process = desktop.run(["xterm", "-xrm", "*allowWindowOps: true", "-geometry", geometry, "-title", title, "-e",
                                    f"exec cat '{self.pipe}'"])
        self.file = open(self.pipe, "w", buffering=1)  # waits for the terminal

    def write(self, text):
        self.file.write(text)
        self.file.flush()

    def close(self):
        self.file.close()


class Desktop:
    def __init__(self, width=1024, height=768):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cs-desktop-"))
        self.processes, self.terminals = [], []
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            WITH_PARENT + ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp",
                           "-noreset"],
            pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        if not number:
            raise Failed("Xvfb did not start")
        self.name = f":{number}"
        self.environment = dict(os.environ, DISPLAY=self.name, SDL_VIDEODRIVER="x11", LC_ALL="C.UTF-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for terminal in self.terminals:
            terminal.close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        if self.server.poll() is None:
            stop_process(self.server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self):
        """As if the session ended."""
        self.server.kill()
        self.server.wait()

    # ---- windows

    def run(self, command):
        process = subprocess.Popen(WITH_PARENT + command, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def terminal(self, geometry="80x24+10+10", title="terminal"):
        terminal = Terminal(self, geometry, title)
        self.terminals.append(terminal)
        self.window(title)
        return terminal

    def editor(self, file, geometry="480x400+520+10"):
        return self.run(["xedit", "-geometry", geometry, str(file)])

    def film(self, clip, x, y, width, height, *options):
        """A playing clip; its last picture stays."""
        return self.run(["ffplay", "-loglevel", "quiet", "-an", "-left", str(x), "-top", str(y), "-x", str(width), "-y",
                         str(height), *options, str(DATA / clip)])

    def window(self, title):
        """The number of the window with this title, as soon as it is there."""
        def find():
            windows = json.loads(self.connectsphere("devices", "--json"))["windows"]
            return next((w["id"] for w in windows if w["title"] == title), None)
        return until(find, f"the window {title}", period=0.05)

    def connectsphere(self, *arguments):
        return subprocess.run([BIN_DIR / "connectsphere", *arguments], env=self.environment, capture_output=True, text=True,
                              check=True, timeout=20).stdout

    def move_pointer(self, x, y):
        """As a hand does, by the XTEST extension."""
        xcb, xtest = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL("libxcb-xtest.so.0")
        xcb.xcb_connect.restype = ctypes.c_void_p
        connection = ctypes.c_void_p(xcb.xcb_connect(self.name.encode(), None))
        motion, root_of_the_pointer = 6, 0
        xtest.xcb_test_fake_input(connection, motion, 0, 0, root_of_the_pointer, ctypes.c_int16(x), ctypes.c_int16(y), 0)
        done = xcb.xcb_get_input_focus(connection)  # what a client that hangs up has asked for last may get lost
        xcb.xcb_get_input_focus_reply(connection, done, None)
        xcb.xcb_disconnect(connection)

    # ---- what can be seen

    def screenshot(self, window=None, region=None):
        """By another program than ours. The pointer is not in it."""
        done = subprocess.run(["xwd", "-silent", "-nobdrs", *(["-id", window] if window else ["-root"])], env=self.environment,
                              capture_output=True, check=True, timeout=20)
        whole = parse_xwd(done.stdout)
        if region is None:
            return whole
        width, height, x, y = map(int, re.fullmatch(r"(\d+)x(\d+)\+(\d+)\+(\d+)", region).groups())
        rows = (whole.rgb[3 * (row * whole.width + x):3 * (row * whole.width + x + width)] for row in range(y, y + height))
        return Picture(width, height, b"".join(rows))
