#!/usr/bin/env python3
"""One screen, seen by many: pixel for pixel once it is still, at each viewer's own pace, through every kind of death."""
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

from harness import BIN_DIR, DATA, WITH_PARENT, Server, TestCase, until
from wire import (BAD_REQUEST, DONE, ENTER_SCREEN, ERROR, OPEN_SCREEN, SCREEN_ENTERED, SCREEN_UPDATE, START_PRESENTING,
                  TICKET, Peer, field, frame)

OK, REFUSED = 0, 4


def write_ppm(path, width, height, pixels):
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels)
    return path


def read_ppm(path):
    """(width, height, pixels) of a PPM as watch writes it."""
    data = path.read_bytes()
    magic, size, depth, pixels = data.split(b"\n", 3)
    assert (magic, depth) == (b"P6", b"255"), data[:20]
    width, height = map(int, size.split())
    assert len(pixels) == 3 * width * height
    return width, height, pixels


def draw_screen(width, height, seed=1):
    """Rows of dark strokes on white, and a photograph of noise."""
    source = random.Random(seed)
    glyphs = [bytes(source.choice((255, 255, 255, 30, 90, 160)) for _ in range(9 * 14)) for _ in range(40)]
    grey = bytearray(b"\xff" * (width * height))
    for top in range(10, height - 20, 20):
        for left in range(10, width // 2, 9):
            glyph = source.choice(glyphs)
            for row in range(14):
                at = (top + row) * width + left
                grey[at:at + 9] = glyph[9 * row:9 * row + 9]
    pixels = bytearray(3 * width * height)
    for channel in range(3):
        pixels[channel::3] = grey
    for row in range(40, height - 40):
        at = 3 * (row * width + width * 2 // 3)
        pixels[at:at + 300] = source.randbytes(300)
    return bytes(pixels)


class Narrow(threading.Thread):
    """A TCP way to a port that carries few bytes a second towards the client; on another address of this machine."""

    def __init__(self, port, bytes_per_second=None):
        super().__init__(daemon=True)
        self.port, self.rate = port, bytes_per_second
        self.listener = socket.create_server(("127.0.0.2", port))
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.rate:  # small buffers, so that they are not the way
                client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
            server = socket.create_connection(("127.0.0.1", self.port))
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            for one, other, rate in ((client, server, None), (server, client, self.rate)):
                threading.Thread(target=self.carry, args=(one, other, rate), daemon=True).start()

    @staticmethod
    def carry(one, other, rate):
        try:
            while data := one.recv(4096):
                if rate:
                    time.sleep(len(data) / rate)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def stop(self):
        self.listener.close()


class Screen(TestCase):
    def share(self, server, name, what, *options):
        return server.client(name, options=["--share", str(what), *options])

    def watch(self, server, name, **more):
        """A client that watches into <its home>/seen.ppm."""
        out = server.folder.path / f"{name}.ppm"
        client = server.client(name, options=["--watch", str(out)], **more)
        client.out = out
        return client

    def seen(self, client):
        """What it has at the end, after it has left."""
        client.leave()
        return read_ppm(client.out)

    def test_a_still_screen_is_seen_pixel_for_pixel_and_by_who_comes_late(self):
        with Server() as server:
            pixels = draw_screen(800, 600)
            ann = self.share(server, "ann", write_ppm(server.folder.path / "screen.ppm", 800, 600, pixels))
            ann.wait_for("presenting", state="started")
            ben = self.watch(server, "ben")
            ben.wait_for("presenter", name="ann")
            ben.wait_for("screen", exact=True)
            late = self.watch(server, "late")
            first = late.wait_for("screen", exact=True)
            self.assertLess(first["at"] - late.wait_for("joined")["at"], 2)  # a busy machine; make bench measures it
            for client in (ben, late):
                self.assertEqual(self.seen(client), (800, 600, pixels))
            ann.send("/stop")
            ann.wait_for("presenting", state="ended", why="stopped")
            ann.leave()

    @unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is missing")
    def test_a_scrolled_document_ends_pixel_for_pixel(self):
        with Server() as server:
            folder = server.folder.path / "clip"
            folder.mkdir()
            subprocess.run(["ffmpeg", "-v", "error", "-i", DATA / "screen_document_1024x768.264", folder / "%03d.png"], check=True)
            last = sorted(folder.iterdir())[-1]
            subprocess.run(["ffmpeg", "-v", "error", "-i", last, "-pix_fmt", "rgb24", server.folder.path / "last.ppm"], check=True)
            ben = self.watch(server, "ben")
            ben.wait_for("joined")
            ann = self.share(server, "ann", folder)
            count = len(list(folder.iterdir()))
            time.sleep(count / 10)
            ben.wait_for("screen", exact=True, since=max(ben.mark() - 1, 0))
            # No later one: it is still.
            until(lambda: time.monotonic() - ben.seen("screen")[-1]["at"] > 1 and ben.seen("screen")[-1]["exact"], "it is still")
            self.assertEqual(self.seen(ben), read_ppm(server.folder.path / "last.ppm"))
            ann.leave()

    def test_share_and_watch_are_commands_with_exit_codes(self):
        with Server() as server:
            def start(name, *arguments):
                environment = dict(os.environ, XDG_STATE_HOME=str(server.folder.path / name))
                return subprocess.Popen(
                    WITH_PARENT + [BIN_DIR / "connectsphere", *arguments, "--json", "--name", name, "--server",
                                   f"127.0.0.1:{server.ports['control_port']}"],
                    env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

            def events(process):
                out, errors = process.communicate(timeout=20)
                return process.returncode, [json.loads(line) for line in out.splitlines()], errors

            host = server.client("host")
            host.wait_for("joined")
            ann = start("ann", "share", "--input", "generator:typing:640x400@20")
            host.wait_for("presenter", name="ann")
            second = start("ben", "share", "--input", "generator:still:640x400")
            code, seen, _ = events(second)
            self.assertEqual(code, REFUSED)
            self.assertEqual([e["why"] for e in seen if e["event"] == "presenting"], ["refused"])
            out = server.folder.path / "pictures"
            code, seen, errors = events(start("ann", "watch", "--out", str(out), "--for", "2s"))  # the name is taken
            self.assertEqual(code, OK, errors)
            updates = [e for e in seen if e["event"] == "screen"]
            self.assertGreater(len(updates), 10)
            self.assertTrue(all(e["bytes"] < 1000 for e in updates[-10:]), updates[-10:])  # a glyph
            self.assertGreater(len(list(out.iterdir())), 3)
            ann.send_signal(signal.SIGTERM)
            self.assertEqual(events(ann)[0], OK)
            bad = start("eve", "share", "--input", "no-such-file.png")
            self.assertNotEqual(events(bad)[0], OK)
            host.leave()

    def test_the_place_is_asked_for_granted_and_taken_over(self):
        with Server() as server:
            host = server.client("host")
            host.wait_for("joined")
            ann, ben = server.client("ann"), server.client("ben")
            for client in (ann, ben):
                client.wait_for("joined")
            ann.send("/share generator:still:640x400")
            host.wait_for("presenter", name="ann")
            ben.send("/share ask generator:still:640x400")
            ben.wait_for("presenting", state="waiting")
            ann.wait_for("presenting_requested", name="ben")
            ann.send("/grant ben")
            ann.wait_for("presenting", state="ended", why="granted", by="ben")
            host.wait_for("presenter", name="ben")
            host.send("/share take generator:still:640x400")
            ben.wait_for("presenting", state="ended", why="taken_over", by="host")
            ann.wait_for("presenter", name="host")
            host.send("/stop")
            ann.wait_for("presenter", session=None)
            for client in (ann, ben, host):
                client.leave()

    def test_a_killed_broker_is_back_with_the_picture_within_a_second(self):
        with Server() as server:
            pixels = draw_screen(800, 600, 3)
            ann = self.share(server, "ann", write_ppm(server.folder.path / "screen.ppm", 800, 600, pixels))
            ben = self.watch(server, "ben")
            ben.wait_for("screen", exact=True)
            server.kill("screen-broker")
            mark = ben.mark()
            server.start("screen-broker")
            begun = time.monotonic()
            back = ben.wait_for("screen", whole=True, since=mark)
            print(f"picture back {back['at'] - begun:.2f} s after the restart")
            self.assertLess(back["at"] - begun, 1.0)
            ben.wait_for("screen", exact=True, since=mark)
            self.assertEqual(self.seen(ben), (800, 600, pixels))
            ann.leave()

    def test_trap_w5_a_stopped_viewer_holds_up_nobody_and_catches_up(self):
        with Server() as server:
            ann = self.share(server, "ann", "generator:typing:1280x720@20")
            ben, cleo, dead = (self.watch(server, name) for name in ("ben", "cleo", "dead"))
            for client in (ben, cleo, dead):
                client.wait_for("screen", whole=True)

            def count(client, time_span):
                mark = client.mark()
                time.sleep(time_span)
                return len(client.seen("screen", mark))

            before = count(ben, 3)
            dead.process.send_signal(signal.SIGSTOP)
            during = count(ben, 3)
            self.assertGreater(during, 0.7 * before)
            mark = dead.mark()
            dead.process.send_signal(signal.SIGCONT)
            dead.wait_for("screen", whole=True, since=mark)
            self.assertLess(len(dead.seen("screen", mark)), 60)
            for client in (ben, cleo, dead):
                client.leave()
            ann.leave()

    def test_a_viewer_on_a_narrow_way_sees_the_newest_and_holds_up_nobody(self):
        with Server() as server:
            ways = [Narrow(server.ports["control_port"]), Narrow(server.ports["screen_port"], 250_000)]  # 2 Mbit/s
            ann = self.share(server, "ann", "generator:video:640x400@20")
            ben = self.watch(server, "ben")
            slow = self.watch(server, "slow", to="127.0.0.2")
            slow.wait_for("screen", whole=True)
            mark, slow_mark = ben.mark(), slow.mark()
            time.sleep(4)
            updates, slow_updates = ben.seen("screen", mark), slow.seen("screen", slow_mark)
            self.assertGreater(len(updates), 40)
            self.assertGreater(len(slow_updates), 4)
            self.assertLess(sorted(e["age_ms"] for e in updates)[len(updates) // 2], 100)
            for client in (ben, slow):
                client.leave()
            ann.leave()
            for way in ways:
                way.stop()

    def test_trap_w24_a_killed_presenter_loses_its_place(self):
        with Server() as server:
            ann = self.share(server, "ann", "generator:video:640x400")
            ben = self.watch(server, "ben")
            ben.wait_for("screen", whole=True)
            ann.process.kill()
            ben.wait_for("presenter", session=None, timeout=15)
            ben.wait_for("screen_cleared")
            self.share(server, "cleo", "generator:still:640x400").wait_for("presenting", state="started")
            ben.wait_for("screen", width=640, whole=True)

    @staticmethod
    def ticket(control):
        """The broker may know of a new member a moment later."""
        def ask():
            answer = control.ask(5, OPEN_SCREEN)
            return answer[2][2] if answer[1] == TICKET else None
        return until(ask, "a ticket", period=0.1)

    def test_trap_w18_hostile_updates_are_refused_and_harm_nobody(self):
        with Server() as server:
            ann = self.share(server, "ann", "generator:typing:640x400@20")
            ben = self.watch(server, "ben")
            ben.wait_for("screen", whole=True)

            def tile(index, encoding, size):
                return field(5, field(1, index) + field(2, encoding) + field(3, size))

            bomb = bytes(16_384)
            hostile = [
                (field(1, 7), b""),
                (field(1, 1), b""),
                (field(1, 1) + field(2, 1 << 31) + field(3, 1 << 31), b""),
                (field(1, 1) + field(2, 64) + field(3, 64) + tile(9, 1, 3), b"abc"),
                (field(1, 1) + field(2, 64) + field(3, 64) + tile(0, 9, 3), b"abc"),
                (field(1, 1) + field(2, 64) + field(3, 64) + tile(0, 1, 1 << 30), b"abc"),
                (field(1, 1) + field(2, 64) + field(3, 64) + tile(0, 1, 3), b""),
            ]
            for number, (update, data) in enumerate(hostile):
                with Peer(server.ports["control_port"]) as control:
                    control.greet()
                    control.join(f"cellar{number}", "eve")
                    ticket = self.ticket(control)
                    with Peer(server.ports["screen_port"]) as peer:
                        self.assertEqual(peer.ask(1, ENTER_SCREEN, field(1, ticket))[1], SCREEN_ENTERED)
                        self.assertEqual(peer.ask(2, START_PRESENTING)[1], DONE)
                        peer.send(frame(field(SCREEN_UPDATE, update), data))
                        while (said := peer.answer()) is not None and said[1] != ERROR:
                            pass
                        self.assertIsNotNone(said, number)
                        self.assertEqual(said[2][1], BAD_REQUEST)
                        self.assertIsNone(peer.answer())
            # A length beyond the limit ends the connection as soon as it can be read.
            with Peer(server.ports["screen_port"]) as peer:
                peer.send(struct.pack(">II", 1 << 31, 10))
                self.assertIsNone(peer.answer())
            # Tiles that can not be decoded pass the broker, which does not decode; the viewer leaves them out.
            with Peer(server.ports["control_port"]) as control:
                control.greet()
                control.join("attic", "eve")
                ticket = self.ticket(control)
                dora = self.watch(server, "dora", room="attic")
                dora.wait_for("joined")
                with Peer(server.ports["screen_port"]) as peer:
                    peer.ask(1, ENTER_SCREEN, field(1, ticket))
                    peer.ask(2, START_PRESENTING)
                    peer.send(frame(field(SCREEN_UPDATE, field(1, 1) + field(2, 64) + field(3, 64) + tile(0, 2, 16_384)), bomb))
                    seen = dora.wait_for("screen", whole=True)
                    self.assertFalse(seen["exact"])
                dora.leave()
                self.assertEqual(dora.seen("screen_summary")[0]["watched"]["bad_tiles"], 1)
            mark = ben.mark()
            ben.wait_for("screen", whole=True, since=mark)
            self.assertTrue(server.is_alive("screen-broker"))
            ben.leave()
            ann.leave()

    def test_trap_w21_camera_and_screen_go_together(self):
        with Server() as server:
            ann = server.client("ann", video_in=["pattern"], options=["--share", "generator:typing:640x400"])
            ben = self.watch(server, "ben", keep=True)
            ben.wait_for("screen", whole=True)
            until(lambda: list(ben.pictures.glob("*/*.jpg")), "ben sees ann's camera too")
            ben.leave()
            ann.leave()


if __name__ == "__main__":
    unittest.main(verbosity=2)
