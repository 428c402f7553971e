"""Stock tools in a room, by what `connectsphere sdp` says to them."""
import json
import os
import socket
import subprocess

from .basics import BIN_DIR, DATA, Failed, with_port


def sdp_offer(server, *options):
    """What `connectsphere sdp` says to a tool; it holds the place of "tool" in the room until the server ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1] & ~1
    home = server.folder.path / "sdp"
    home.mkdir()
    process = server.helper(
        [BIN_DIR / "connectsphere", "sdp", "--json", "--name", "tool", "--receive-at", str(port),
         "--server", with_port(server.address, server.ports["control_port"]), *options],
        env=dict(os.environ, XDG_STATE_HOME=str(home)), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "sdp":
            return event
        if event["event"] == "error":
            raise Failed(f"sdp: {event}")
    raise Failed("sdp printed no sdp")


def ffmpeg_sends(server, offer, file):
    """A file of tests/data, by the command that the offer gives."""
    command = offer["ffmpeg_send"].replace("FILE", str(DATA / file))
    server.helper(["sh", "-c", "exec " + command.replace("ffmpeg ", "ffmpeg -v error ", 1)],
                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
