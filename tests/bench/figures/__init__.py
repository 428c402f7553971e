"""The figures, one module a family. A family names its figures and measures them; run.py does the rest.

To add a figure: a Figure in the family's list, and a `result.add(key, value, floor=...)` in its measure(). To add a
family: a module here, and its name in FAMILIES.
"""
import dataclasses
import statistics
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Figure:
    key: str  # never renamed
    unit: str
    aim: float | None = None  # the value must be below it; None: only reported
    aim_of_floor: Callable[[float], float] | None = None  # the same, where the aim follows the floor of the same run
    what: str = ""  # for people, one line


class Result:
    """What was measured: several values a figure, from runs of their own; the median counts."""

    def __init__(self):
        self.values = {}
        self.floors = {}
        self.peers = {}
        self.notes = {}

    def add(self, key, value, floor=None, peer=None, note=None):
        self.values.setdefault(key, []).append(value)
        if floor is not None:
            self.floors.setdefault(key, []).append(floor)
        if peer is not None:
            self.peers.setdefault(key, []).append(peer)
        if note:
            self.notes[key] = note

    def value(self, key):
        return statistics.median(self.values[key])

    def floor(self, key):
        return statistics.median(self.floors[key]) if key in self.floors else None

    def peer(self, key):
        return statistics.median(self.peers[key]) if key in self.peers else None


from . import audio, chat, control, files, gui, screen, screen_peers, server, video  # noqa: E402

FAMILIES = [server, control, chat, audio, video, files, screen, screen_peers, gui]
