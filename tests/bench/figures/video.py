"""The video plane: one sender, everybody else gets everything, encrypted for each; and rooms in which all send."""
from . import Figure


def under_floor(times):
    return lambda floor: times * floor


def spaced(receivers, rate):
    return f"CPU a forwarded packet: {rate} packets/s evenly spaced to {receivers}; floor: recv, AES-GCM, sendto"


ROOMS = (5, 10, 25, 50, 100)
FIGURES = [
    Figure("video.cpu.fan1", "µs per packet", aim_of_floor=under_floor(1.25), what=spaced(1, 4000)),
    Figure("video.cpu.fan10.40k", "µs per packet", aim_of_floor=under_floor(1.25), what=spaced(10, 4000)),
    Figure("video.cpu.fan50", "µs per packet", aim_of_floor=under_floor(1.25), what=spaced(50, 800)),
    Figure("video.cpu.fan10.burst", "µs per packet", aim_of_floor=under_floor(1.25),
           what="400 frames/s of 10 packets to 10; floor: the same with GSO"),
    Figure("video.cpu.fan50.burst", "µs per packet", aim_of_floor=under_floor(1.25),
           what="80 frames/s of 10 packets to 50; floor: the same with GSO"),
    Figure("video.cpu.growth", "times", aim=1.1, what="a packet's cost to 50 receivers against that to 10, in bursts"),
    Figure("video.delay.p50", "ms", aim=0.5, what="added by the relay, evenly spaced, 10 receivers; floor: bare relay"),
    Figure("video.delay.p99", "ms", aim=5, what="the same, 99 of 100 packets; floor: bare relay"),
    Figure("video.rate.max", "packets/s out", what="frames of 10 packets to 10: the largest step at which less than 0.1 % is lost"),
    *(Figure(f"video.room{n}.cpu", "µs per packet", what=f"{n} send 20 packets/s each, and see 9 of the others") for n in ROOMS),
    Figure("video.stream.pss", "KiB", what="memory of all processes a stream, in a room of 50 senders that see 9"),
]
SHAPES = {  # key: (receivers, packets/s, packets a burst, floor)
    "video.cpu.fan1": (1, 4000, 1, "single"),
    "video.cpu.fan10.40k": (10, 4000, 1, "single"),
    "video.cpu.fan50": (50, 800, 1, "single"),
    "video.cpu.fan10.burst": (10, 4000, 10, "burst"),
    "video.cpu.fan50.burst": (50, 800, 10, "burst"),
}
OTHER_FLOORS = (  # row, how, without AES, what it is
    ("video.cpu.fan10.40k", "single", 1, "bare without AES"),
    ("video.cpu.fan10.40k", "batch", 0, "bare with sendmmsg"),
    ("video.cpu.fan10.burst", "burst", 1, "bare without AES"),
)
SECONDS = 8
ROOM_RATE, LAST = 20, 9
RATE_STEPS = (4_000, 8_000, 12_000, 16_000, 20_000, 25_000, 30_000)  # packets/s in; ten times as many go out
MAX_LOSS = 0.1  # percent


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        cost = {}
        for key, shape in SHAPES.items():
            gives_delay = key == "video.cpu.fan10.40k" and wanted("video.delay")
            gives_growth = key.endswith("burst") and wanted("video.cpu.growth")
            if wanted(key) or gives_delay or gives_growth:
                cost[key] = one_shape(bench, result, key, gives_delay, *shape)
        if wanted("video.cpu.growth"):
            result.add("video.cpu.growth", cost["video.cpu.fan50.burst"] / cost["video.cpu.fan10.burst"])
        if wanted("video.rate.max"):
            largest_rate(bench, result)
        for size in ROOMS:
            gives_memory = size == 50 and wanted("video.stream.pss")
            if wanted(f"video.room{size}.cpu") or gives_memory:
                one_room(bench, result, size, gives_memory)


def lost(run):
    return max(0, 100 * (1 - run.end["received"] / run.end["expected"]))


def one_shape(bench, result, key, gives_delay, receivers, rate, burst, floor_kind):
    shape = {"receivers": receivers, "rate": rate, "burst": burst, "seconds": SECONDS}
    with bench.server() as server:
        run = bench.load("load_video", server=server, **shape)
    floor = bench.load("load_video", floor=floor_kind, **shape)
    result.add(key, cost(run), floor=cost(floor),
               note=f"{run.end['received'] / run.seconds:.0f} packets/s out, {lost(run):.2f} % lost; {parts(run)}{other_floors(bench, key, shape)}")
    if gives_delay:
        for share in "p50", "p99":
            result.add(f"video.delay.{share}", run.end[f"delay_{share}"], floor=floor.end[f"delay_{share}"])
    return cost(run)


def cost(run):
    """µs a packet that arrived."""
    return 1e6 * run.cpu / run.end["received"]


def parts(run):
    """Of whom: the rest of the server has its own clocks, however many packets there are."""
    return ", ".join(f"{name} {1e6 * cpu / run.end['received']:.2f}" for name, cpu in run.cpu_by_process.items() if cpu > 0.02 * run.cpu)


def other_floors(bench, key, shape):
    """What the kernel alone costs, and sending several with one call: for one row of each kind."""
    note = ""
    for row, kind, clear, what in OTHER_FLOORS:
        if row == key:
            floor = bench.load("load_video", floor=kind, clear=clear, **{**shape, "seconds": 4})
            note += f"; {what} {cost(floor):.2f}"
    return note


def largest_rate(bench, result):
    best, why = 0, "no step"
    for rate in RATE_STEPS:
        with bench.server() as server:
            run = bench.load("load_video", server=server, receivers=10, rate=rate, burst=10, seconds=4)
        out = run.end["received"] / run.seconds
        if lost(run) > MAX_LOSS:
            why = f"at {10 * rate} packets/s {lost(run):.2f} % were lost; sender and receivers are on the same machine"
            break
        best, why = out, "the largest step"
    result.add("video.rate.max", best, note=why)


def one_room(bench, result, size, gives_memory):
    full = []
    with bench.server() as server:
        empty = server.pss()
        run = bench.load("load_video", server=server, room=size, last=LAST, rate=ROOM_RATE, burst=1, seconds=SECONDS,
                         at_end=lambda: full.append(server.pss()))
    result.add(f"video.room{size}.cpu", 1e6 * run.cpu / run.end["received"],
               note=f"{run.end['received'] / run.seconds:.0f} packets/s out, {100 * run.cpu / run.seconds:.0f} % of a core, "
                    f"{lost(run):.2f} % lost")
    if gives_memory:
        result.add("video.stream.pss", (full[0] - empty) / size / 1024)
