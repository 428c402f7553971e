"""The video plane: one sender, everybody else gets everything, encrypted for each."""
from . import Figure


def under_floor(times):
    return lambda floor: times * floor


FIGURES = [
    Figure("video.cpu.fan10.40k", "µs per packet", aim_of_floor=under_floor(1.25),
           what="CPU a forwarded packet: 4,000 packets/s evenly spaced to 10; floor: recv, AES-GCM, sendto"),
    Figure("video.cpu.fan10.burst", "µs per packet", aim_of_floor=under_floor(1.25),
           what="the same, 400 frames/s of 10 packets to 10; floor: the same with GSO"),
    Figure("video.delay.p50", "ms", aim=0.5, what="added by the relay, evenly spaced, 10 receivers; floor: bare relay"),
    Figure("video.delay.p99", "ms", aim=5, what="the same, 99 of 100 packets; floor: bare relay"),
]
SHAPES = {  # key: (packets a burst, floor)
    "video.cpu.fan10.40k": (1, "single"),
    "video.cpu.fan10.burst": (10, "burst"),
}
RECEIVERS, PACKETS_PER_SECOND, SECONDS = 10, 4000, 8


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for key, (burst, floor_kind) in SHAPES.items():
            gives_delay = burst == 1 and wanted("video.delay")
            if not wanted(key) and not gives_delay:
                continue
            shape = {"receivers": RECEIVERS, "rate": PACKETS_PER_SECOND, "burst": burst, "seconds": SECONDS}
            with bench.server() as server:
                run = bench.load("load_video", server=server, **shape)
            floor = bench.load("load_video", floor=floor_kind, **shape)
            lost = 100 * (1 - run.end["received"] / run.end["expected"])
            result.add(key, 1e6 * run.cpu / run.end["received"], floor=1e6 * floor.cpu / floor.end["received"],
                       note=f"{run.end['received'] / run.seconds:.0f} packets/s out, {max(lost, 0):.2f} % lost")
            if gives_delay:
                for share in "p50", "p99":
                    result.add(f"video.delay.{share}", run.end[f"delay_{share}"], floor=floor.end[f"delay_{share}"])
