"""What the tests with real processes share: a server of seven services, clients, and ways in between.

    with Server() as server:
        ann = server.client("ann", audio="voice_jfk.wav", record=True)
        ann.wait_for("joined")
        server.kill("audio-mixer")
        server.start("audio-mixer")

Every server lives in a temporary folder of its own, on ports of its own, so that tests may run side by side. Every
process is known by its handle, and is told to end when its parent dies. Leaving the `with` block stops everything and
fails if something is left.

The way of a packet. Clients learn the ports of the UDP planes from the server and look for them on the address by which
they know it. So a server listens on 127.0.0.1; who wants to stand in between listens on 127.0.0.2 with the same ports
(`Detour`), and clients that join 127.0.0.2 take the detour.

Only the standard library is used. BIN_DIR names the programs; default: build/dev/bin of this tree.
"""
from .basics import (BIN_DIR, DATA, PATIENCE, ROOT, SERVICES, WITH_PARENT, Failed, Folder, free_ports, stop_process, until,
                     with_port)
from .case import TestCase
from .client import Client
from .detour import Detour, TcpForwarder, UdpTap
from .people import FAILED, INCOMPLETE, MIB, NOT_FOUND, OK, REFUSED, SEED, Person, make_file, sha256
from .recordings import loudness, pictures_of, silences, verify, voices_heard
from .server import Server
from .stock_tools import ffmpeg_sends, sdp_offer
