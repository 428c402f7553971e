"""The control plane: how soon a request is answered."""
from . import Figure

FIGURES = [
    Figure("control.rtt.p50", "ms", aim=0.5, what="GetRoom through gateway and signaling, half the answers; floor: TLS echo"),
    Figure("control.rtt.p99", "ms", aim=5, what="the same, 99 of 100 answers; floor: TLS echo"),
]
MEMBERS = 10
SECONDS = 10


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        with bench.server() as server:
            end = bench.load("load_control", server=server, members=MEMBERS, seconds=SECONDS).end
        note = f"{MEMBERS} members in one room, {end['answers'] / SECONDS:.0f} requests/s"
        for share in "p50", "p99":
            result.add(f"control.rtt.{share}", end[share], floor=end[f"echo_{share}"], note=note)
