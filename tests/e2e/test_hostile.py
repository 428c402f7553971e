#!/usr/bin/env python3
"""Strangers and broken clients: what they send reaches nobody, is counted, and disturbs no call."""
import contextlib
import os
import random
import socket
import ssl
import struct
import unittest

from harness import Detour, Server, TestCase, loudness, pictures_of, silences, until
from wire import ERROR, HELLO, JOINED, BAD_REQUEST, NOT_JOINED, GET_ROOM, RAISE_HAND, Peer, field, frame, request

VIDEO = ("pattern", "--video-size", "320x240")
AUDIO_DROPS = "connectsphere_audio_dropped_total"
VIDEO_DROPS = "connectsphere_video_packets_dropped_total"


class Hostile(TestCase):
    def call(self, server, to=None):
        """Two people in a call, each sending sound, ann pictures too."""
        ann = server.client("ann", audio_in="tone:440", video_in=VIDEO, record=True, to=to)
        ben = server.client("ben", audio_in="tone:1000", record=True, keep=True)
        for client in (ann, ben):
            client.wait_for_people(("ann", "ben"))
        return ann, ben

    def assert_undisturbed(self, server, ann, ben):
        """The call has gone on: whole sound both ways, whole pictures, chat, no service new."""
        ann.send("still here")
        ben.wait_for("chat", text="still here")
        summaries = [client.leave() for client in (ann, ben)]
        for client, summary in zip((ann, ben), summaries):
            self.assertGreater(max(loudness(client.recording)), 1000)
            self.assertLess((silences(client.recording) or [0])[0], 0.2, client.name)
            self.assertEqual((summary["audio"]["rejected"], summary["video"]["rejected"]), (0, 0), client.name)
            self.assertEqual((summary["audio"]["epochs"], summary["video"]["epochs"]), (1, 1), client.name)
            self.assertEqual(client.seen("disconnected"), [])
        seen = pictures_of(ben, "ann")
        self.assertEqual((seen["undecodable"], seen["in_order"], seen["tags"]), (0, True, 1))
        self.assertLess(seen["last"] - seen["first"] + 1 - seen["files"], 3)
        for service in server.processes:
            self.assertTrue(server.is_alive(service), service)

    # ---- media

    def test_a_strangers_packets_reach_nobody(self):
        with Server() as server, Detour(server) as detour:
            taps = {plane: detour.tap(plane) for plane in ("audio_port", "video_port")}
            ann, ben = self.call(server, to=detour.ADDRESS)
            for plane, drops in (("audio_port", AUDIO_DROPS), ("video_port", VIDEO_DROPS)):
                with self.subTest(plane=plane):
                    self.attack(server, taps[plane], server.ports[plane], drops)
            self.assert_undisturbed(server, ann, ben)

    def attack(self, server, tap, port, drops):
        """What somebody who sees ann's packets can send from another address."""
        until(lambda: len(self.rtp_of(tap)) >= 60, "packets to copy")
        packets = self.rtp_of(tap)[-50:]
        before = {reason: server.metric(drops, reason=reason) for reason in ("replayed", "forged", "unknown-ssrc")}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for packet in packets:
                wrong_tag = packet[:-1] + bytes([packet[-1] ^ 1])
                wrong_ssrc = packet[:8] + os.urandom(4) + packet[12:]
                # A sequence number far ahead, so that it is no replay: only the tag can tell.
                next_one = packet[:2] + struct.pack(">H", (struct.unpack(">H", packet[2:4])[0] + 999) % 65536) + packet[4:]
                for forged in (packet, wrong_tag, wrong_ssrc, next_one):
                    stranger.sendto(forged, (server.address, port))
            server.wait_metric(drops, before["replayed"] + len(packets), reason="replayed")
            server.wait_metric(drops, before["forged"] + len(packets), reason="forged")
            server.wait_metric(drops, before["unknown-ssrc"] + len(packets), reason="unknown-ssrc")
            stranger.setblocking(False)
            with self.assertRaises(BlockingIOError, msg="the server answered a stranger"):
                stranger.recv(2048)

    @staticmethod
    def rtp_of(tap):
        return [p for p in tap.captured if len(p) > 40 and not 192 <= p[1] <= 223]

    # ---- garbage on every port

    def test_garbage_on_every_port_is_counted_and_disturbs_nobody(self):
        with Server() as server:
            ann, ben = self.call(server)
            self.garbage_datagrams(server)
            for name in ("control_port", "screen_port", "files_port"):
                with self.subTest(port=name):
                    self.garbage_connections(server, server.ports[name])
            self.wrong_messages(server)
            self.garbage_requests(server)
            self.assert_undisturbed(server, ann, ben)

    def garbage_datagrams(self, server):
        dice = random.Random(1)
        sizes = [0, 1, 2, 11, 12, 13, 27, 28, 29, 100, 1199, 1200, 1201, 1500, 1501, 9000, 60000]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for plane, drops, service in (("audio_port", AUDIO_DROPS, "audio-mixer"),
                                          ("video_port", VIDEO_DROPS, "video-relay")):
                refused = server.metric("connectsphere_udp_refused_total", service=service)
                malformed = server.metric(drops, reason="malformed")
                for size in sizes:
                    for first in (0x00, 0x80, 0x90, 0xBF, 0xFF):  # versions, extensions, contributing sources
                        for second in (0, 26, 111, 200, 201, 205, 255):
                            packet = (bytes([first, second]) + dice.randbytes(size))[:size]
                            stranger.sendto(packet, (server.address, server.ports[plane]))
                server.wait_metric(drops, malformed + 100, reason="malformed")
                server.wait_metric("connectsphere_udp_refused_total", refused + 30, service=service)

    def garbage_connections(self, server, port):
        before = server.metric("connectsphere_tcp_malformed_total")
        for hello in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", os.urandom(5000), b"\x16\x03\x01\xff\xff" + os.urandom(70000)):
            with socket.create_connection((server.address, port), timeout=5) as stranger, \
                    contextlib.suppress(ConnectionError):
                stranger.sendall(hello)
        whole = request(1, HELLO, field(1, 1))
        broken_frames = (
            struct.pack(">II", 0, 0),                    # shorter than its own header
            struct.pack(">II", 4, 100),                  # the message longer than the frame
            struct.pack(">II", 0xFFFFFFFF, 8) + b"x" * 64,
            struct.pack(">II", 1 << 24, 1 << 24) + b"x" * 100_000,
        )
        for broken in broken_frames:
            with Peer(port) as peer:
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    peer.send(broken)
                self.assertIsNone(peer.answer(), f"answered to {broken[:8].hex()}")
        for size in range(1, len(whole)):  # every truncation, and then the end
            with socket.create_connection((server.address, port), timeout=5), Peer(port) as peer:
                peer.send(whole[:size])
        server.wait_metric("connectsphere_tcp_malformed_total", before + len(broken_frames))

    def wrong_messages(self, server):
        """Frames that are right around messages that are not."""
        with Peer(server.ports["control_port"]) as peer:
            peer.send(frame(os.urandom(200)))
            self.assertEqual(self.error_of(peer.answer()), BAD_REQUEST)
        with Peer(server.ports["control_port"]) as peer:
            self.assertEqual(self.error_of(peer.ask(5, GET_ROOM)), BAD_REQUEST, "before Hello")
            peer.greet()
            self.assertEqual(self.error_of(peer.ask(6, RAISE_HAND)), NOT_JOINED)
            self.assertEqual(self.error_of(peer.ask(7, 999)), BAD_REQUEST, "an arm that nobody knows")
            for name in ("", "x" * 65, "line\nbreak", b"\xff\xfe", "\u202eright to left"):
                answer = peer.join("lobby", name)
                self.assertEqual(answer is None or answer[1] == ERROR, True, name)
                if answer is None:
                    break
        with Peer(server.ports["control_port"]) as peer:
            peer.greet()
            self.assertEqual(peer.join("elsewhere", "a good one")[1], JOINED, "the server still lets people in")
        self.assertGreater(server.wait_metric("connectsphere_gateway_malformed_total", 1), 0)

    @staticmethod
    def error_of(answer):
        return answer[2][1] if answer and answer[1] == ERROR else answer

    def garbage_requests(self, server):
        for text in (b"\0" * 100, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.ports["status_port"]), timeout=5) as stranger, \
                    contextlib.suppress(ConnectionError, TimeoutError):
                stranger.sendall(text)
                self.assertNotIn(b" 200 ", stranger.recv(4096)[:20])
        self.assertEqual(server.get("/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
