#!/usr/bin/env python3
"""Measures ConnectSphere: real services, real sockets on loopback, medians of several runs, floors measured beside them.

    run.py --build build/release --only audio --runs 3 --report build/bench/report.json

Prints a table and writes the report. Exit code 0 also where an aim is missed: that is a finding and not a failure.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

import figures
from server import Load, Server

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Bench:
    """What families measure with."""

    def __init__(self, bin_dir, runs):
        self.bin_dir, self.runs = bin_dir, runs
        self.data = ROOT / "tests" / "data"

    def server(self, **options):
        return Server(self.bin_dir, **options)

    def start(self, program, **options):
        return Load(self.bin_dir, program, **options)

    def load(self, program, **options):
        return self.start(program, **options).finish()


def git(*arguments):
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit():
    """With "+" where files were changed since."""
    return (git("rev-parse", "HEAD") or "unknown") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def machine():
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "") if hasattr(platform, "freedesktop_os_release") else "",
        "kernel": platform.release(),
        "load_before": os.getloadavg()[0],  # what else ran: figures of a busy machine are worth less
        "measured_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }


def row(figure, result):
    """A figure as report.json has it."""
    value, floor = result.value(figure.key), result.floor(figure.key)
    aim = figure.aim_of_floor(floor) if figure.aim_of_floor else figure.aim
    values = result.values[figure.key]
    spread = f"{len(values)} runs, {min(values):.3g} to {max(values):.3g}"
    out = {
        "key": figure.key,
        "value": value,
        "unit": figure.unit,
        "aim": aim,
        "met": None if aim is None else value < aim,
        "floor": floor,
        "note": "; ".join(part for part in (figure.what, result.notes.get(figure.key), spread) if part),
        "command": f"make bench ONLY={figure.key}",
    }
    if (peer := result.peer(figure.key)) is not None:  # where its package is installed
        out["peer"] = peer
    return out


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def print_table(rows):
    head = ["figure", "value", "unit", "aim", "floor", "peer", "met"]
    verdict = {True: "yes", False: "NO", None: "-"}
    lines = [[r["key"], number(r["value"]), r["unit"], "-" if r["aim"] is None else "< " + number(r["aim"]), number(r["floor"]),
              number(r.get("peer")), verdict[r["met"]]] for r in rows]
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    for line, note in zip([head] + lines, [""] + [r["note"] for r in rows]):
        text = "  ".join(cell.rjust(width) if i in (1, 3, 4, 5) else cell.ljust(width)
                         for i, (cell, width) in enumerate(zip(line, widths)))
        print(f"{text}  {note}".rstrip())


def main():
    parser = argparse.ArgumentParser(description="Measures ConnectSphere; see the figures in tests/bench/figures.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--only", default="", help="figures whose keys begin so")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "build" / "bench" / "report.json")
    arguments = parser.parse_args()

    def wanted(prefix):  # a figure, or the beginning of some
        return prefix.startswith(arguments.only) or arguments.only.startswith(prefix)

    families = [f for f in figures.FAMILIES if any(figure.key.startswith(arguments.only) for figure in f.FIGURES)]
    if not families:
        sys.exit(f"no figure begins with {arguments.only}; there are:\n  " +
                 "\n  ".join(figure.key for f in figures.FAMILIES for figure in f.FIGURES))
    bench = Bench(arguments.build / "bin", arguments.runs)
    report = {"version": 1, "machine": machine(), "commit": commit(), "figures": []}
    for family in families:
        print(f"measuring {family.__name__.rpartition('.')[2]} ({family.__doc__.strip()})", file=sys.stderr)
        result = figures.Result()
        family.measure(bench, wanted, result)
        report["figures"] += [row(f, result) for f in family.FIGURES
                              if f.key.startswith(arguments.only) and f.key in result.values]
    print_table(report["figures"])
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
