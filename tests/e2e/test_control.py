#!/usr/bin/env python3
"""Clients that misbehave on the control plane, and a disk that is full: told to whom it concerns, and nobody else notices."""
import contextlib
import os
import signal
import socket
import time

import own_mounts
from harness import Server, TestCase, until
from own_mounts import fill, small_disk
from wire import (BAD_REQUEST, BAD_TOKEN, ERROR, HELLO, JOIN, JOINED, RATE_LIMITED, SEND_CHAT, LEAVE, DONE, Peer, field, frame,
                  request)

SILENT = 200
DEAD_AFTER = 15  # seconds


def say_and_time(sender, receiver, text):
    """Seconds from the sender's typing to the receiver's event."""
    start = time.monotonic()
    sender.send(text)
    return receiver.wait_for("chat", text=text)["at"] - start


class Control(TestCase):
    def two(self, server):
        ann, ben = server.client("ann"), server.client("ben")
        for client in (ann, ben):
            client.wait_for_people(("ann", "ben"))
        return ann, ben

    def test_200_connections_that_say_nothing_disturb_nobody_and_are_closed(self):
        config = f"limits {{ handshake_seconds: 3 unjoined_per_address: {2 * SILENT} }}"
        with Server(config) as server, contextlib.ExitStack() as stack:
            ann, ben = self.two(server)
            before = server.metric("connectsphere_tcp_timed_out_total")
            silent = [stack.enter_context(socket.create_connection((server.address, server.ports["control_port"]), timeout=20))
                      for _ in range(SILENT // 2)]
            silent += [stack.enter_context(Peer(server.ports["control_port"], server.address)).socket
                       for _ in range(SILENT // 2)]
            self.assertLess(say_and_time(ann, ben, "among the silent"), 1)
            late = server.client("late")
            late.wait_for("joined")
            server.wait_metric("connectsphere_tcp_timed_out_total", before + SILENT)
            for one in silent:
                one.settimeout(5)
                with contextlib.suppress(ConnectionError, OSError):
                    while one.recv(4096):
                        pass
            self.assertEqual([client.seen("disconnected") for client in (ann, ben, late)], [[], [], []])

    def test_one_address_has_64_connections_that_have_not_joined_and_any_number_that_have(self):
        with Server() as server, contextlib.ExitStack() as stack:
            ann, ben = self.two(server)
            held = [stack.enter_context(socket.create_connection((server.address, server.ports["control_port"])))
                    for _ in range(100)]
            server.wait_metric("connectsphere_tcp_refused_total", 100 - 64)
            for one in held:
                one.close()
            for number in range(5):
                server.client(f"more {number}").wait_for("joined")
            self.assertLess(say_and_time(ann, ben, "hello"), 1)

    def test_W6_a_client_that_never_reads_delays_nobody_and_is_cut(self):
        with Server("limits { messages_per_second: 2000 message_burst: 4000 output_buffer_bytes: 262144 }") as server:
            ann, ben = self.two(server)
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with Peer(server.ports["control_port"], server.address, connected=raw) as stalled:
                stalled.greet()
                self.assertEqual(stalled.join("lobby", "stalled")[1], JOINED)
                ann.wait_for_people(("stalled",))
                with Peer(server.ports["control_port"], server.address) as talker:
                    talker.greet()
                    talker.join("lobby", "talker")
                    slowest = 0
                    for number in range(3000):  # the kernel takes some megabytes before the server's own buffer fills
                        talker.send(request(100 + number, SEND_CHAT, field(1, "x" * 3900) + field(3, number + 1)))
                        talker.answer()
                        if number % 100 == 0:
                            slowest = max(slowest, say_and_time(ann, ben, f"message {number}"))
                            if server.metric("connectsphere_tcp_too_slow_total") >= 1:
                                break
                server.wait_metric("connectsphere_tcp_too_slow_total", 1)
                self.assertLess(slowest, 1)
                ben.wait_for("participant_updated", lambda e: e["participant"]["name"] == "stalled" and
                             not e["participant"]["connected"])
            self.assertEqual([client.seen("disconnected") for client in (ann, ben)], [[], []])

    def test_a_forged_or_reused_resume_token_is_worth_nothing(self):
        with Server() as server:
            port = server.ports["control_port"]

            def resume(token):
                with Peer(port, server.address) as peer:
                    peer.greet()
                    return peer.ask(2, JOIN, field(1, "lobby") + field(2, "mallory") + field(3, token))

            with Peer(port, server.address) as ann:
                ann.greet()
                joined = ann.join("lobby", "ann")
                session, first = joined[2][1], joined[2][2]
            second = resume(first)
            self.assertEqual((second[1], second[2][1]), (JOINED, session))
            # The answer might have been lost: until the second is used, the first is good too.
            self.assertEqual(resume(first)[1], JOINED)
            third = resume(resume(first)[2][2])
            self.assertEqual(third[2][1], session)
            for name, token in (("an old one", first), ("the second", second[2][2]), ("a forged one", os.urandom(32)),
                                ("a short one", b"x"), ("the hash of nothing", bytes(32)), ("a long one", b"x" * 4000)):
                with self.subTest(token=name):
                    answer = resume(token)
                    self.assertEqual((answer[1], answer[2][1]), (ERROR, BAD_TOKEN))

    def test_a_dead_peer_is_found_within_15_seconds(self):
        with Server() as server:
            ann, ben = self.two(server)
            ben.process.send_signal(signal.SIGSTOP)  # its TCP connection lives on in the kernel
            start = time.monotonic()
            found = ann.wait_for("participant_updated", lambda e: e["participant"]["name"] == "ben" and
                                 not e["participant"]["connected"], timeout=DEAD_AFTER + 5)
            self.assertLess(found["at"] - start, DEAD_AFTER)
            ben.process.send_signal(signal.SIGCONT)
            ann.wait_for("participant_updated", lambda e: e["participant"]["name"] == "ben" and
                         e["participant"]["connected"], since=ann.events.index(found))
            ann.send("welcome back")
            ben.wait_for("chat", text="welcome back")
            self.assertEqual(len({event["session"] for event in ben.seen("joined")}), 1)
            self.assertEqual(ann.seen("participant_left"), [])

    def test_what_breaks_a_rule_is_told_so(self):
        with Server() as server:
            port = server.ports["control_port"]
            ann = server.client("ann")
            ann.wait_for("joined")

            def error(arm, message, joined=True):
                with Peer(port, server.address) as peer:
                    peer.greet()
                    if joined:
                        self.assertEqual(peer.join("lobby", "peer")[1], JOINED)
                    answer = peer.ask(9, arm, message)
                    return answer[2][1] if answer and answer[1] == ERROR else answer

            with self.subTest("Hello twice"):
                self.assertEqual(error(HELLO, field(1, 1), joined=False), BAD_REQUEST)
            for name in ("x" * 10_000, "a\x1b[2Jb", "a\nb", "\u200b\u2060", "  ", "\u202eevil"):
                with self.subTest(name=name[:10]):
                    self.assertEqual(error(JOIN, field(1, "lobby") + field(2, name), joined=False), BAD_REQUEST)
            with self.subTest("a private message to nobody"):
                self.assertEqual(error(SEND_CHAT, field(1, "psst") + field(2, 12345) + field(3, 1)), 6)  # NOT_FOUND
            with self.subTest("two arms in one message: the last one counts, as Protocol Buffers have it"), \
                    Peer(port, server.address) as peer:
                peer.greet()
                peer.send(frame(field(1, 5) + field(HELLO, field(1, 1)) + field(JOIN, field(1, "lobby") + field(2, "two"))))
                self.assertEqual(peer.answer()[1], JOINED)
            with self.subTest("a flood"), Peer(port, server.address) as peer:
                peer.greet()
                peer.join("lobby", "flood")
                peer.send(b"".join(request(100 + n, SEND_CHAT, field(1, "x") + field(3, n + 1)) for n in range(100)))
                told = {}
                while len(told) < 100:
                    number, arm, answer = peer.answer()
                    if number >= 100:
                        told[number] = answer[1] if arm == ERROR else 0
                self.assertEqual(set(told.values()), {0, RATE_LIMITED})
                self.assertIn(sum(code == 0 for code in told.values()), range(50, 80))  # a burst of 60, and some time
                self.assertEqual(peer.ask(300, LEAVE)[1], DONE)  # leaving is never limited
            with self.subTest("no UTF-8"), Peer(port, server.address) as peer:
                peer.greet()
                peer.send(request(9, JOIN, field(1, "lobby") + field(2, b"\xff\xfe")))
                self.assertEqual(peer.answer()[2][1], BAD_REQUEST)
            self.assertEqual(ann.seen("disconnected"), [])


class FullDisk(TestCase):
    """On a file system of its own, 4 MiB large; the program starts itself again where it may mount one."""

    ROOM = 4 << 20

    def test_a_full_disk_is_told_to_the_sender_and_loses_nothing(self):
        with Server(start=False) as server, small_disk(server, server.folder.path / "state", self.ROOM):
            self.hold(server)

    def hold(self, server):
        server.start_all()
        ann, ben = server.client("ann"), server.client("ben")
        for client in (ann, ben):
            client.wait_for_people(("ann", "ben"))
        ann.send("before")
        ann.wait_for("chat_accepted")
        ballast = fill(server.folder.path / "state")
        refused, kept = [], ["before"]
        for number in range(40):  # a page that the database has already may take some
            mark = ann.mark()
            ann.send(f"{number} " + "x" * 3000)
            answer = until(lambda: ann.seen("chat_accepted", mark) or ann.seen("error", mark), "an answer")[0]
            if answer["event"] == "chat_accepted":
                kept.append(f"{number} " + "x" * 3000)
                continue
            self.assertEqual((answer["what"], answer["code"]), ("chat", "storage_full"))
            refused.append(number)
            if len(refused) == 3:
                break
        self.assertEqual(len(refused), 3)
        server.wait_metric("connectsphere_signaling_unkept_total", 3)
        ann.send("/hand")  # what needs no disk goes on
        ben.wait_for("participant_updated", lambda e: e["participant"]["hand_raised"])
        server.restart("signaling")
        ballast.unlink()
        mark = ann.mark()
        ann.send("after")
        ann.wait_for("chat_accepted", since=mark)
        kept.append("after")
        late = server.client("late")
        told = late.wait_for("history")
        self.assertEqual([m["text"] for m in told["messages"]], kept[-len(told["messages"]):])
        self.assertFalse(any(m["text"].startswith(f"{n} ") for m in told["messages"] for n in refused))
        self.assertEqual(ben.seen("disconnected"), [])
        for client in (ann, ben, late):
            client.leave()


if __name__ == "__main__":
    own_mounts.main(FullDisk)
