#!/usr/bin/env python3
"""Files that arrive whole whatever dies on the way, both ways; meanwhile nobody sees a half one.

    CS_FILES_KILLS=50 test_files_deaths.py     deaths each way (default: 3)
    CS_FILES_SEED=1234 test_files_deaths.py    the sizes and moments of another run
"""
import os
import random
import signal
import subprocess
import time
import unittest

from harness import MIB, OK, SEED, Detour, Person, Server, TestCase, make_file, sha256

CAN_NOT_CONNECT = 3
KILLS = int(os.environ.get("CS_FILES_KILLS", "3"))
SLOW_ENOUGH = "files { upload_mebibytes_per_second: 24 download_mebibytes_per_second: 24 }"  # to be hit


def ended(process, within):
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


class Deaths(TestCase):
    def setUp(self):
        print(f"seed {SEED}", flush=True)
        self.chance = random.Random(SEED)
        self.size = self.chance.randrange(32 * MIB, 56 * MIB)

    def transfer(self, server, strike, to=None):
        """One file up and down; `strike(process)` at random moments, KILLS times each way."""
        ann, ben, self.watcher = Person(server, "ann", to=to), Person(server, "ben", to=to), Person(server, "watcher")
        path = make_file(server.folder.path / "film.bin", self.size, SEED)
        self.digest = sha256(path)
        target = server.folder.path / "got.bin"

        def fetched():
            self.assertEqual(sha256(target), self.digest)
            os.remove(target)

        self.one_way(strike, lambda: ann.start("send", path), lambda: ann.do("rm", "film.bin"))
        self.assertEqual(len(self.look()), 1)
        self.one_way(strike, lambda: ben.start("get", "film.bin", "-o", target), fetched)
        self.assertEqual(sha256(target), self.digest)
        self.assertEqual([path.name for path in target.parent.glob("got.bin*")], ["got.bin"])
        store = server.folder.path / "state" / "files"
        self.assertEqual(list((store / "uploads").iterdir()), [])
        self.assertEqual(len([p for p in (store / "blobs").rglob("*") if p.is_file()]), 1)

    def one_way(self, strike, start, undo):
        left = KILLS
        while True:
            process = start()
            while left > 0 and not ended(process, self.chance.uniform(0.05, 0.9)):
                strike(process)
                left -= 1
                self.look()
            out, errors = process.communicate(timeout=120)
            if process.returncode != OK:  # nothing but its own death ends it, once it was in
                self.assertIn(process.returncode, (-signal.SIGKILL, CAN_NOT_CONNECT), (out[-500:], errors))
            elif left > 0:
                undo()  # it was faster than death: once more, anew
            else:
                return

    def look(self):
        """Nothing half is ever listed."""
        files = self.watcher.files()
        for file in files:
            self.assertEqual((file["name"], file["size"], file["sha256"]), ("film.bin", self.size, self.digest))
        self.assertLessEqual(len(files), 1)
        return files

    def test_W9_clients_that_are_killed(self):
        with Server(config=SLOW_ENOUGH) as server:
            self.transfer(server, lambda process: process.kill())

    def test_a_file_store_that_is_killed(self):
        with Server(config=SLOW_ENOUGH) as server:
            self.transfer(server, lambda _: server.restart("file-store"))

    def test_a_gateway_that_is_killed(self):
        with Server(config=SLOW_ENOUGH) as server:
            self.transfer(server, lambda _: server.restart("gateway"))

    def test_a_server_that_loses_its_power(self):
        with Server(config=SLOW_ENOUGH) as server:
            self.transfer(server, lambda _: server.reboot())

    def test_a_network_that_goes_and_comes_back(self):
        with Server(config=SLOW_ENOUGH) as server, Detour(server) as detour:
            detour.tcp("files_port")

            def outage(_):
                is_silent = self.chance.random() < 0.5
                for way in detour.tcp_ways():
                    way.freeze() if is_silent else way.cut()
                time.sleep(self.chance.uniform(0.1, 2))
                for way in detour.tcp_ways():
                    way.mend()

            self.transfer(server, outage, to=detour.ADDRESS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
