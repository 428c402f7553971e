"""The server by itself: how soon it is ready, and what it costs while nobody is there."""
import time

from . import Figure

FIGURES = [
    Figure("start.ready", "s", aim=1, what="from starting the seven processes until /readyz says yes"),
    Figure("idle.cpu", "% of a core", aim=0.5, what="all processes, no room"),
    Figure("idle.pss", "MiB", aim=150, what="all processes, no room, sum of PSS"),
]
SETTLE_SECONDS = 3
IDLE_SECONDS = 15


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        with bench.server() as server:
            result.add("start.ready", server.ready_after)
            if not wanted("idle"):
                continue
            time.sleep(SETTLE_SECONDS)
            before = server.cpu_by_process()
            started = time.monotonic()
            time.sleep(IDLE_SECONDS)
            elapsed = time.monotonic() - started
            spent = {name: cpu - before[name] for name, cpu in server.cpu_by_process().items()}
            most = ", ".join(f"{name} {100 * s / elapsed:.2f}" for name, s in sorted(spent.items(), key=lambda x: -x[1])[:3])
            result.add("idle.cpu", 100 * sum(spent.values()) / elapsed, note=f"most: {most}")
            result.add("idle.pss", server.pss() / 2**20)
