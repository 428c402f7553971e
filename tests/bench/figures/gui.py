"""The window: what drawing a grid costs, and how late a picture is on screen. On Xvfb, without a server."""
import os
import shutil
import subprocess
import sys

from . import Figure

TILES = (1, 4, 9, 16, 30)
SECONDS = 8
FIGURES = [
    *[Figure(f"gui.draw{n}.p95", "ms", aim=20, what=f"one frame of the window, {n} tiles at 15 fps, 1280x720") for n in TILES],
    *[Figure(f"gui.cpu{n}", "cores", aim=0.5 if n == 30 else None,
             what=f"of the window's thread, {n} tiles at 15 fps; decoding and scaling have threads of their own") for n in TILES],
    *[Figure(f"gui.delay{n}.p95", "ms", aim=20, what=f"from a picture's arrival until it is on screen, {n} tiles") for n in TILES],
    Figure("gui.memory", "MiB", aim=300, what="most resident memory, 30 tiles, fonts and Qt included"),
]


class Xvfb:
    def __enter__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24", "-nolisten", "tcp"],
                                        pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            os.environ["DISPLAY"] = ":" + pipe.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def measure(bench, wanted, result):
    if not shutil.which("Xvfb"):
        sys.exit("gui figures need Xvfb: deploy/install-packages bench")
    with Xvfb():
        for _ in range(bench.runs):
            for n in TILES:
                end = bench.load("load_gui", tiles=n, seconds=SECONDS).end
                note = f"{end['frames']:.0f} frames and {end['pictures']:.0f} pictures a second"
                result.add(f"gui.draw{n}.p95", end["draw_p95"], note=f"median {end['draw_p50']:.2g} ms, {note}")
                result.add(f"gui.cpu{n}", end["cpu_draw"], note=f"with decoding and scaling {end['cpu_all']:.2f}")
                result.add(f"gui.delay{n}.p95", end["delay_p95"], note=f"median {end['delay_p50']:.2g} ms, {end['dropped']:.0f} dropped")
            result.add("gui.memory", end["memory"])
