"""A shared screen of 1920x1080: what is drawn on a real X11 display until it is seen, beside TigerVNC doing the same."""
import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

from server import cpu_seconds, free_ports
from . import Figure

FIGURES = [
    Figure("screen.typing.p50", "ms", aim=12,
           what="a glyph drawn to the viewer's pixels, 10 glyphs/s; peer: TigerVNC, not decoded"),
    Figure("screen.typing.p99", "ms", aim=40, what="the same, 99 of 100"),
    Figure("screen.glyph.bytes", "bytes", aim=1000, what="per glyph typed in a real window, lossless; peer: TigerVNC"),
    Figure("screen.video.cpu.v1", "ms",
           what="CPU of the services per frame, 640x360 at 30/s, one viewer; peer: all of Xtigervnc, JPEG of like quality"),
    Figure("screen.video.cpu.v10", "ms", aim_of_floor=lambda one: 2 * one,
           what="the same with 10 viewers; floor: one viewer"),
    Figure("screen.video.all.v1", "ms", what="the same with the presenter and its display (Xvfb); peer: all of Xtigervnc"),
    Figure("screen.video.all.v10", "ms", what="the same with 10 viewers"),
]
WORKS = [  # prefix of keys; what is drawn, how often a second, for how many
    ("screen.typing", ("typing", 10, 1)),
    ("screen.video", ("video", 30, 1)),
    ("screen.video", ("video", 30, 10)),
]
SECONDS = 6
SIZE = "1920x1080"
WHERE = "which deploy/install-packages bench brings"


class Process:
    """One that ends with the `with` block; its CPU time counts between begin() and end()."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.cpu = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def begin(self):
        self.cpu = -cpu_seconds(self.process.pid)

    def end(self):
        self.cpu += cpu_seconds(self.process.pid)


class Display(Process):
    """An X server on the first free display."""

    def __init__(self, command):
        reader, writer = os.pipe()
        super().__init__([*command, "-displayfd", str(writer)], stdout=subprocess.DEVNULL, pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as told:
            self.name = ":" + told.readline().strip()
        if self.name == ":":
            raise RuntimeError(f"{command[0]} does not start")


class Presenter(Process):
    """`connectsphere share` of a whole display."""

    def __init__(self, bin_dir, server, display):
        self.home = tempfile.TemporaryDirectory(prefix="connectsphere-bench-")
        super().__init__([bin_dir / "connectsphere", "share", "--json", "--server", server.address, "--room", "bench",
                          "--name", "presenter", "--display", display.name],
                         stdout=subprocess.PIPE, env=dict(os.environ, XDG_STATE_HOME=self.home.name))
        for line in self.process.stdout:
            event = json.loads(line)
            if (event["event"], event.get("state")) == ("presenting", "started"):
                return
        raise RuntimeError("connectsphere share does not start")

    def __exit__(self, *_):
        super().__exit__()
        self.home.cleanup()


@dataclasses.dataclass
class Run:
    end: dict  # what the load said
    server: float  # CPU, seconds
    presenter: float = 0
    display: float = 0

    def per_frame(self, cpu):
        """In ms."""
        return 1e3 * cpu / self.end["draws"]


def watched(bench, shape, processes, **where):
    """A load whose CPU time counts for the given processes too."""
    def each(act):
        return lambda: [act(process) for process in processes]
    work, rate, viewers = shape
    return bench.load("load_desktop", work=work, rate=rate, viewers=viewers, seconds=SECONDS, at_begin=each(Process.begin),
                      at_end=each(Process.end), **where)


def run_ours(bench, shape):
    with bench.server() as server, Display(["Xvfb", "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]) as display, \
         Presenter(bench.bin_dir, server, display) as presenter:
        load = watched(bench, shape, [display, presenter], server=server, display=display.name)
        return Run(load.end, server=load.cpu, presenter=presenter.cpu, display=display.cpu)


def run_tigervnc(bench, shape):
    port, = free_ports(socket.SOCK_STREAM)
    with Display(["Xtigervnc", "-geometry", SIZE, "-depth", "24", "-SecurityTypes", "None", "-interface", "127.0.0.1",
                  "-rfbport", str(port), "-AlwaysShared"]) as display:
        load = watched(bench, shape, [display], vnc=port, display=display.name)
        return Run(load.end, server=display.cpu)


def values_of(run, is_typing, viewers):
    """By key."""
    end = run.end
    if is_typing:
        return {"screen.typing.p50": end["delay_p50"], "screen.typing.p99": end["delay_p99"],
                "screen.glyph.bytes": end["bytes"] / end["draws"]}
    return {f"screen.video.cpu.v{viewers}": run.per_frame(run.server),
            f"screen.video.all.v{viewers}": run.per_frame(run.server + run.presenter + run.display)}


def note_of(run):
    end = run.end
    parts = f", presenter {run.per_frame(run.presenter):.1f}, display {run.per_frame(run.display):.1f} ms" if run.presenter else ""
    return (f"{end['updates'] / SECONDS:.0f} of {end['draws'] / SECONDS:.0f} pictures/s seen, "
            f"{end['bytes'] / SECONDS / 1e6:.1f} MB/s to each{parts}")


def measure(bench, wanted, result):
    if not shutil.which("Xvfb"):
        return print(f"  none: there is no Xvfb, {WHERE}", file=sys.stderr)
    has_peer = shutil.which("Xtigervnc") is not None
    if not has_peer:
        print(f"  no TigerVNC beside them: there is no Xtigervnc, {WHERE}", file=sys.stderr)
    for _ in range(bench.runs):
        cpu_of_one = None
        for prefix, shape in WORKS:
            if not wanted(prefix) and not (prefix == "screen.typing" and wanted("screen.glyph")):
                continue
            work, _, viewers = shape
            is_typing = work == "typing"
            ours = run_ours(bench, shape)
            peer = run_tigervnc(bench, shape) if has_peer else None
            peers = values_of(peer, is_typing, viewers) if peer else {}
            for key, value in values_of(ours, is_typing, viewers).items():
                note = None if is_typing else note_of(ours) + (f"; TigerVNC: {note_of(peer)}" if peer else "")
                if key == "screen.video.cpu.v1":
                    cpu_of_one = value
                floor = cpu_of_one if key == "screen.video.cpu.v10" else None
                result.add(key, value, floor=floor, peer=peers.get(key), note=note)
