"""The screen plane: 1920x1080, from the presenter's look at its screen to drawn pixels at a viewer, over TLS and the real
broker. The presenter encodes, the viewer decodes, as `share` and `watch` do."""
from . import Figure

KINDS = {  # what, and how often it changes
    "typing": "generator: a glyph, ten times a second",
    "scroll": "generator: a page of text by three lines, ten times a second",
    "drag": "generator: a window of a sixth of the screen, 30 times a second",
    "video": "generator: every pixel, 30 times a second",
}
VIEWERS = 1, 10, 100

FIGURES = [Figure(f"screen.{kind}.delay", "ms", aim=12 if kind == "typing" else None, what=f"p50; {what}")
           for kind, what in KINDS.items()]
FIGURES += [Figure(f"screen.{kind}.delay99", "ms", what="p99 of the same") for kind in KINDS]
FIGURES += [Figure(f"screen.{kind}.rate", "kbit/s", what="to a viewer") for kind in KINDS]
FIGURES += [Figure(f"screen.{kind}.presenter", "CPU %", what="of the presenter's process") for kind in KINDS]
FIGURES += [Figure(f"screen.broker{count}.cpu", "CPU % per viewer", what=f"video, {count} viewers") for count in VIEWERS]
FIGURES += [
    Figure("screen.typing.bytes", "bytes", aim=1000, what="on the wire for a typed glyph, exact"),
    Figure("screen.broker.ten", "ratio", aim=2, what="CPU of presenter and broker, ten viewers to one; video"),
    Figure("screen.presenter.hundred", "ratio", aim=1.2, what="CPU of the presenter, 100 viewers to one; video"),
    Figure("screen.late.bytes", "kB", what="to bring in a late viewer; typing"),
    Figure("screen.late.time", "ms", aim=300, what="from its asking for a ticket to the whole picture; typing"),
]


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for kind in KINDS:
            if wanted(f"screen.{kind}") or (kind == "typing" and wanted("screen.late")):
                one(bench, result, kind)
        if wanted("screen.broker") or wanted("screen.presenter"):
            many(bench, result)


def run(bench, kind, viewers):
    with bench.server() as server:
        return bench.load("load_screen", server=server, what=kind, viewers=viewers, seconds=5)


def one(bench, result, kind):
    load = run(bench, kind, 1)
    end = load.end
    result.add(f"screen.{kind}.delay", end["delay_p50"], note=f"{end['updates'] / end['seconds']:.0f} updates/s")
    result.add(f"screen.{kind}.delay99", end["delay_p99"])
    result.add(f"screen.{kind}.rate", end["kbit_per_second"])
    result.add(f"screen.{kind}.presenter", 100 * end["presenter_cpu"] / end["seconds"])
    if kind == "typing":
        result.add("screen.typing.bytes", end["kbit_per_second"] * 125 * end["seconds"] / max(end["updates"], 1))
        result.add("screen.late.bytes", end["late_bytes"] / 1000)
        result.add("screen.late.time", end["late_ms"])


def many(bench, result):
    broker, presenter = {}, {}
    for viewers in VIEWERS:
        load = run(bench, "video", viewers)
        updates = max(load.end["updates"], 1)
        broker[viewers] = load.cpu_by_process["screen-broker"] / updates
        presenter[viewers] = load.end["presenter_cpu"] / updates
        result.add(f"screen.broker{viewers}.cpu", 100 * load.cpu_by_process["screen-broker"] / load.end["seconds"] / viewers,
                   note=f"{1000 * broker[viewers]:.1f} ms per picture, {updates / load.end['seconds']:.0f} pictures/s")
    result.add("screen.broker.ten", (broker[10] + presenter[10]) / (broker[1] + presenter[1]),
               note=f"the broker alone: {broker[10] / broker[1]:.1f}")
    result.add("screen.presenter.hundred", presenter[100] / presenter[1])
