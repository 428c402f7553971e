#!/usr/bin/env python3
"""Networks as they are: IPv6, no way out at all, and somebody who listens on the wire."""
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import sys
import unittest
import zlib

from harness import Detour, Server, TestCase, loudness, pictures_of

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
VIDEO = ("pattern", "--video-size", "320x240")


def call(test, server, to=None):
    """Two people hear, see and write to each other."""
    ann = server.client("ann", audio_in="tone:440", video_in=VIDEO, record=True, to=to)
    ben = server.client("ben", audio_in="tone:1000", record=True, keep=True, to=to)
    for client in (ann, ben):
        client.wait_for_people(("ann", "ben"))
    ann.send("nobody else reads this: grün 🌱")
    ben.wait_for("chat", text="nobody else reads this: grün 🌱")
    server.wait_metric("connectsphere_video_packets_sent_total", 20)
    for client in (ann, ben):
        client.leave()
        test.assertGreater(max(loudness(client.recording)), 1000, client.name)
    test.assertGreater(pictures_of(ben, "ann")["files"], 3)


class Network(TestCase):
    def test_W23_a_call_over_IPv6(self):
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(socket.socket(socket.AF_INET6)).bind(("::1", 0))
            except OSError:
                self.skipTest("this machine has no IPv6")
            server = stack.enter_context(Server(address="::1"))
            call(self, server)

    def test_W19_who_listens_on_the_wire_reads_nothing(self):
        with Server() as server, Detour(server) as detour:
            taps = [detour.tap(plane) for plane in ("audio_port", "video_port")]
            call(self, server, to=detour.ADDRESS)
            control = b"".join(detour.tcp_bytes())
            self.assertGreater(len(control), 2000)
            media = [packet for tap in taps for packet in tap.captured]
            self.assertGreater(len(media), 40)
            for secret in (b"nobody else", "grün".encode(), "🌱".encode(), b"lobby", b"ann"):
                self.assertNotIn(secret, control)
            # Each picture repeats its tables and sound its silence: in clear text they would compress.
            payloads = b"".join(packet[28:] for packet in media)
            self.assertGreater(len(zlib.compress(payloads, 9)), 0.99 * len(payloads))


class Island(TestCase):
    """In a network namespace that has nothing but a loopback interface: no route, no DNS, no clock to ask."""

    def test_W25_a_machine_with_no_network_at_all(self):
        pid = os.fork()
        if pid == 0:
            os._exit(self.on_the_island())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code == 77:
            self.skipTest("this machine lets nobody make a network namespace")
        self.assertEqual(code, 0)

    def on_the_island(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return 77
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
                request = struct.pack("16sh", b"lo", 0)
                flags = struct.unpack("16sh", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
                fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))
            with Server(config="") as server:
                call(self, server)
            return 0
        except BaseException as failure:  # the parent only sees the code
            print(f"on the island: {failure!r}", file=sys.stderr, flush=True)
            return 1


if __name__ == "__main__":
    unittest.main()
