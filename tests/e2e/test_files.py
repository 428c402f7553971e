#!/usr/bin/env python3
"""Files between people: whole, verified, and never in the way of a call. What dies on the way: test_files_deaths.py.

    CS_FILES_LARGE=2048 test_files.py      MiB of the largest file (default: 64)
    CS_FILES_HUGE=1 test_files.py Huge     a file of more than 4 GiB, for which there must be room twice
    CS_FILES_SEED=1234 test_files.py       the sizes of another run
"""
import contextlib
import os
import random
import resource
import signal
import time
import unittest

import own_mounts
from harness import (FAILED, INCOMPLETE, MIB, NOT_FOUND, OK, REFUSED, SEED, Person, Server, TestCase, make_file, sha256,
                     until)
from own_mounts import fill, small_disk

LARGE = int(os.environ.get("CS_FILES_LARGE", "64")) << 20


class Files(TestCase):
    def test_W10_files_of_many_sizes_a_folder_and_what_is_refused(self):
        with Server() as server:
            ann, ben = Person(server, "ann"), Person(server, "ben")
            folder = server.folder.path / "many"
            (folder / "more" / "deep").mkdir(parents=True)
            print(f"seed {SEED}", flush=True)
            chance = random.Random(SEED)
            sizes = [0, 1, 1000, 128 << 10, (128 << 10) + 1, LARGE] + [int(2 ** chance.uniform(1, 24)) for _ in range(6)]
            for i, size in enumerate(sizes):
                make_file(folder / ("", "more", "more/deep")[i % 3] / f"{size}.bin", size, i)
            for place in ("", "more"):  # one name in two folders: two files
                make_file(folder / place / "same.bin", 1234, place)
            ann.do("send", folder, timeout=300)
            sent = {str(path.relative_to(folder.parent)): path for path in folder.rglob("*.bin")}
            listed = ben.files()
            self.assertEqual({f["name"] for f in listed}, set(sent))
            self.assertEqual({f["version"] for f in listed}, {1})
            got = server.folder.path / "got"
            got.mkdir()
            ben.do("get", "many", "-o", got, timeout=300)
            for name, path in sent.items():
                self.assertEqual(sha256(path), sha256(got / name), name)
            self.assertEqual(len([path for path in got.rglob("*") if path.is_file()]), len(sent))

            one = next(folder.rglob("1000.bin"))
            ann.do("send", one)
            ben.do("get", "1000.bin", "-o", got)
            ben.do("get", "1000.bin", "many", "-o", got)  # all of them are there already
            (got / "1000.bin").write_bytes(b"x" * 1000)
            code, _ = ben.run("get", "1000.bin", "-o", got)
            self.assertEqual(code, FAILED, "it exists")
            ben.do("get", "1000.bin", "-o", got, "--force")
            self.assertEqual(ben.run("get", "nothing")[0], NOT_FOUND)
            self.assertEqual(len(ben.files("--search", "same")), 2)

            self.assertEqual(ann.run("send", one, "--to", "nobody")[0], NOT_FOUND)
            one.touch()  # another content, as far as anybody can tell without reading it
            ann.do("send", one)
            self.assertEqual([f["version"] for f in ben.files() if f["name"] == "1000.bin"], [1, 2])
            # Who is alone in a room is its host: somebody else must be there for "may not" to be tried.
            host = server.client("host")
            host.wait_for("joined")
            self.assertEqual(ben.run("rm", "1000.bin")[0], REFUSED)
            ann.do("rm", "1000.bin", "many/more")
            self.assertEqual([f["version"] for f in ben.files() if f["name"] == "1000.bin"], [1])
            self.assertEqual([f["name"] for f in ben.files() if f["name"].startswith("many/more/")], [])
            self.assertEqual(Person(server, "eve", "cellar").files(), [])
            host.leave()

    def test_within_a_call_to_one_person(self):
        with Server() as server:
            ann, ben, cid = (server.client(name) for name in ("ann", "ben", "cid"))
            for one in (ann, ben, cid):
                one.wait_for("joined")
            path = make_file(server.folder.path / "plan.txt", 300_000)
            sender = Person(server, "dan")
            sender.do("send", path, "--to", "ben")
            file = ben.wait_for("file")["file"]
            self.assertTrue(file["private"])
            self.assertEqual(cid.seen("file"), [])
            cid.send("/files")
            self.assertEqual(cid.wait_for("files")["files"], [])
            # A command is a session of its own, whatever its name: it is told where the file can be had.
            code, events = Person(server, "ben").run("get", "plan.txt")
            self.assertEqual(code, NOT_FOUND)
            self.assertIn("/get", [e for e in events if e["event"] == "error"][0]["text"])
            ben.send(f"/get {file['id']}")
            fetched = ben.wait_for("file_fetched")
            self.assertEqual(sha256(fetched["path"]), sha256(path))
            os.remove(fetched["path"])
            ann.send(f"/send {path}")
            ann.wait_for("file_sent")
            cid.wait_for("file")
            for one in (ann, ben, cid):
                one.leave()

    def test_many_large_downloads_at_once_in_one_client(self):
        """They share one window of the server; none may wait for what the others hold."""
        with Server() as server:
            ann, ben = Person(server, "ann"), Person(server, "ben")
            files = [make_file(server.folder.path / f"{i}.bin", 3 * MIB, i) for i in range(16)]
            ann.do("send", *files)
            for count in (4, 16):
                got = server.folder.path / f"got{count}"
                got.mkdir()
                ben.do("get", *[path.name for path in files[:count]], "-o", got, "--patience", "5s")
                for path in files[:count]:
                    self.assertEqual(sha256(path), sha256(got / path.name), path.name)

    def test_a_quota_that_is_full(self):
        with Server(config="files { room_mebibytes: 10 max_file_mebibytes: 8 }") as server:
            ann = Person(server, "ann")
            six = make_file(server.folder.path / "six", 6 * MIB)
            nine = make_file(server.folder.path / "nine", 9 * MIB)
            self.assertEqual(ann.run("send", nine)[0], REFUSED)
            ann.do("send", six)
            self.assertEqual(ann.run("send", six)[0], REFUSED)
            self.assertEqual(len(ann.files()), 1)


class Commands(TestCase):
    """What a person gives at the command line."""

    def test_what_is_named_twice_is_sent_once_and_a_bad_name_harms_nobody(self):
        with Server() as server:
            ann = Person(server, "ann")
            big = make_file(server.folder.path / "big", 5 * MIB)
            bad = os.fsencode(server.folder.path) + b"/bad\xff.txt"
            with open(bad, "wb") as file:
                file.write(b"hello")
            code, events = ann.run("send", big, bad.decode("utf-8", "surrogateescape"), big, server.folder.path / "." / "big")
            self.assertEqual((code, ann.errors), (FAILED, ""))
            self.assertIn("UTF-8", [e for e in events if e["event"] == "error"][0]["text"])
            self.assertEqual([(f["name"], f["version"]) for f in ann.files()], [("big", 1)])

    def test_a_number_is_a_number_before_it_is_a_name(self):
        with Server() as server:
            ann = Person(server, "ann")
            first = ann.do("send", make_file(server.folder.path / "first", 1000))[-1]["file"]["id"]
            ann.do("send", make_file(server.folder.path / str(first), 2000))
            ann.do("get", str(first), "-o", ann.home / "got")
            self.assertEqual((ann.home / "got").stat().st_size, 1000)
            ann.do("rm", str(first))
            self.assertEqual([f["name"] for f in ann.files()], [str(first)])
            ann.do("rm", str(first))  # now it is the name
            self.assertEqual(ann.files(), [])

    def test_the_sender_removes_what_nobody_sees_any_more(self):
        with Server() as server:
            ann, ben = Person(server, "ann"), server.client("ben")
            ben.wait_for("joined")
            file = ann.do("send", make_file(server.folder.path / "secret", 1000), "--to", "ben")[-1]["file"]
            ben.leave()
            self.assertEqual(ann.files(), [])
            self.assertEqual(Person(server, "eve").run("rm", str(file["id"]))[0], NOT_FOUND)
            ann.do("rm", str(file["id"]))
            until(lambda: server.metric("connectsphere_files_stored") == 0, "it is gone")

    def test_more_files_than_may_be_open(self):
        with Server() as server:
            ann, ben = Person(server, "ann"), Person(server, "ben")
            folder = server.folder.path / "folder"
            folder.mkdir()
            for i in range(150):
                make_file(folder / f"{i}", 100 + i, i)

            def few():
                resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

            for person, arguments in ((ann, ("send", folder)), (ben, ("get", "folder", "-o", ben.home))):
                process = person.start(*arguments, preexec_fn=few)
                out, errors = process.communicate(timeout=60)
                self.assertEqual(process.returncode, OK, (out[-500:], errors))
            self.assertEqual({path.name: sha256(path) for path in (ben.home / "folder").iterdir()},
                             {path.name: sha256(path) for path in folder.iterdir()})

    def test_who_is_told_to_end_can_go_on(self):
        slow = "files { upload_mebibytes_per_second: 8 download_mebibytes_per_second: 8 }"
        with Server(config=slow) as server:
            ann = Person(server, "ann")
            path = make_file(server.folder.path / "film", 12 * MIB)
            for number, code in ((signal.SIGTERM, INCOMPLETE), (signal.SIGINT, 130), (signal.SIGTERM, INCOMPLETE)):
                process = ann.start("send", path)
                for line in process.stdout:
                    if '"progress"' in line:
                        break
                process.send_signal(number)
                process.communicate(timeout=10)
                self.assertEqual(process.returncode, code)
            first = make_file(server.folder.path / "afirst", 1000)
            process = ann.start("send", first, path)  # what has arrived whole is not sent twice
            for line in process.stdout:
                if '"file_sent"' in line:
                    break
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            self.assertEqual(process.returncode, INCOMPLETE)
            ann.do("send", first, path)
            self.assertEqual([(f["name"], f["version"]) for f in ann.files()], [("afirst", 1), ("film", 1)])
            ann.do("send", first)
            self.assertEqual([f["version"] for f in ann.files("--search", "afirst")], [1, 2])
            process = ann.start("get", "film", "-o", ann.home / "got")
            until(lambda: list(ann.home.glob("got.*.part")), "it has begun")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            self.assertEqual(process.returncode, INCOMPLETE)
            self.assertFalse((ann.home / "got").exists())
            ann.do("get", "film", "-o", ann.home / "got")
            self.assertEqual(sha256(ann.home / "got"), sha256(path))

    def test_a_terminal_shows_one_bar_for_all(self):
        slow = "files { upload_mebibytes_per_second: 8 }"
        with Server(config=slow) as server:
            ann = Person(server, "ann")
            ann.files()  # and knows the server
            files = [make_file(server.folder.path / f"{i}.bin", 3 * MIB, i) for i in range(3)]
            for paths, title in ((files[:1], rb"0\.bin"), (files, rb"[0-3] of 3 files")):
                ours, theirs = os.openpty()
                process = ann.start("send", *paths, json=False, stderr=theirs)
                os.close(theirs)
                shown = b""
                with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # EIO: nobody holds it
                    while block := terminal.read(4096):
                        shown += block
                process.communicate(timeout=10)
                self.assertEqual(process.returncode, OK, shown)
                bars = [line for line in shown.split(b"\r\x1b[K") if line]
                self.assertGreater(len(bars), 2, shown)
                for bar in bars:
                    self.assertRegex(bar, rb"^" + title + rb"  \[#*\.*\]  +\d+ %  [\d.]+ [KM]?i?B/s(  \d+:\d\d)?$")
                self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-100:])
                ann.do("rm", *[path.name for path in paths])


class FullDisk(TestCase):
    """The files on a file system of their own, 10 MiB large."""

    def test_a_full_disk_of_the_receiver_keeps_what_has_come(self):
        with Server() as server, small_disk(server, server.folder.path / "small", 10 * MIB) as disk:
            ann = Person(server, "ann")
            path = make_file(server.folder.path / "six", 6 * MIB)
            ann.do("send", path)
            (disk / "ballast").write_bytes(b"x" * (6 * MIB))
            code, events = ann.run("get", "six", "-o", disk)
            self.assertEqual(code, INCOMPLETE)
            self.assertIn("No space left", [e for e in events if e["event"] == "error"][0]["text"])
            part = next(disk.glob("six.*.part"))
            self.assertGreater(part.stat().st_size, 3 * MIB)
            kept = part.stat().st_ino
            (disk / "ballast").unlink()
            ann.do("get", "six", "-o", disk)
            self.assertEqual(sha256(disk / "six"), sha256(path))
            self.assertEqual((disk / "six").stat().st_ino, kept)

    def test_a_full_disk_is_told_at_once_and_harms_nothing_else(self):
        slow = "files { upload_mebibytes_per_second: 1 }"  # so that the disk can fill meanwhile
        with Server(config=slow, start=False) as server, \
             small_disk(server, server.folder.path / "state" / "files", 10 * MIB) as disk:
            server.start_all()
            self.hold(server, disk)

    def hold(self, server, disk):
        ann, ben = Person(server, "ann"), Person(server, "ben")
        talker, listener = server.client("talker"), server.client("listener")
        for client in (talker, listener):
            client.wait_for_people(("talker", "listener"))
        one = make_file(server.folder.path / "one", MIB)
        six = make_file(server.folder.path / "six", 6 * MIB, seed=2)
        ann.do("send", one)
        # It would not fit: that is said before the first byte.
        began = time.monotonic()
        self.assertEqual(ann.run("send", make_file(server.folder.path / "ten", 10 * MIB))[0], REFUSED)
        self.assertLess(time.monotonic() - began, 5)
        # It would fit, and then somebody else takes the place.
        sending = ann.start("send", six)
        time.sleep(2)
        self.assertIsNone(sending.poll())
        ballast = fill(disk)
        filled = time.monotonic()
        out, errors = sending.communicate(timeout=30)
        self.assertEqual(sending.returncode, REFUSED, errors)
        self.assertLess(time.monotonic() - filled, 5)
        self.assertIn("disk is full", out + errors)
        self.assertEqual([f["name"] for f in ben.files()], ["one"])
        ben.do("get", "one")
        talker.send("still here")
        listener.wait_for("chat", text="still here")
        fill(disk)  # what the upload gave back, too: files are removed without a byte left for the index
        ann.do("rm", "one")
        self.assertEqual(ben.files(), [])
        ballast.unlink()
        ann.do("send", six)
        ben.do("get", "six", "-o", ben.home / "six")
        self.assertEqual(sha256(ben.home / "six"), sha256(six))
        self.assertEqual(list((disk / "uploads").iterdir()), [])
        for client in (talker, listener):
            client.leave()


class Beside(TestCase):
    def test_twenty_transfers_leave_sound_and_chat_alone(self):
        with Server() as server:
            ann = server.client("ann", audio_in="tone:440")
            ben = server.client("ben", audio_in="tone:660")
            for one in (ann, ben):
                one.wait_for("joined")
            path = make_file(server.folder.path / "load.bin", 24 * MIB)
            people = [Person(server, f"p{i}") for i in range(10)]
            people[0].do("send", path)
            running = []
            for i, person in enumerate(people):
                running.append(person.start("send", make_file(server.folder.path / f"up{i}.bin", 24 * MIB, i + 2)))
                running.append(person.start("get", "load.bin", "-o", person.home / "got.bin"))
            delays = []
            while any(process.poll() is None for process in running):
                began = time.monotonic()
                since = ben.mark()
                ann.send(f"hello {len(delays)}")
                ben.wait_for("chat", since=since)
                delays.append(time.monotonic() - began)
                time.sleep(0.05)
            for process in running:
                self.assertEqual(process.wait(), OK, process.communicate())
            for person in people:
                self.assertEqual(sha256(person.home / "got.bin"), sha256(path))
            delays.sort()
            late = server.metric("connectsphere_audio_tick_lateness_seconds", quantile="0.99")
            print(f"under 20 transfers: {len(delays)} messages, p50 {1000 * delays[len(delays) // 2]:.1f} ms, "
                  f"p99 {1000 * delays[int(len(delays) * 0.99)]:.1f} ms; ticks late p99 {1000 * late:.1f} ms")
            # Bounds of a machine that does other things, too. What is aimed at is p99 < 50 ms: make bench ONLY=file.
            self.assertLess(delays[len(delays) // 2], 0.5)
            self.assertLess(delays[int(len(delays) * 0.99)], 2)
            self.assertLess(late, 0.25)
            for one in (ann, ben):
                one.leave()


@unittest.skipUnless(os.environ.get("CS_FILES_HUGE"), "CS_FILES_HUGE=1 runs it")
class Huge(TestCase):
    def test_more_bytes_than_32_bits_can_count(self):
        with Server() as server:
            ann, ben = Person(server, "ann"), Person(server, "ben")
            path = server.folder.path / "huge"
            size = (4 << 30) + 12345
            with open(path, "wb") as file:  # sparse, with something to tell its ends apart
                for at in (0, 1 << 31, 1 << 32, size - 5):
                    file.seek(at)
                    file.write(b"%5d" % (at % 99991))
            ann.do("send", path, timeout=900)
            self.assertEqual(ben.files()[0]["size"], size)
            ben.do("get", "huge", "-o", ben.home / "got", timeout=900)
            self.assertEqual(os.path.getsize(ben.home / "got"), size)
            self.assertEqual(sha256(ben.home / "got"), sha256(path))


if __name__ == "__main__":
    own_mounts.main(FullDisk, verbosity=2)
