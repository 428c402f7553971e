#!/usr/bin/env python3
"""Commands that do one thing and end: what they print, their exit codes; and a client that was killed comes back."""
import json
import os
import subprocess
import unittest

from harness import BIN_DIR, Server, TestCase

OK, USAGE, NOBODY_LISTENS, REFUSED, NOT_FOUND = 0, 2, 3, 4, 6


class OneShot(TestCase):
    def command(self, server, *arguments, **options):
        environment = dict(os.environ, XDG_STATE_HOME=str(server.folder.path / "shell"),
                           CONNECTSPHERE_SERVER=f"{server.address}:{server.ports['control_port']}")
        run = subprocess.run([BIN_DIR / "connectsphere", *arguments], env=environment, capture_output=True, text=True,
                             timeout=30, **options)
        return run.returncode, run.stdout

    def test_saying_telling_asking(self):
        with Server() as server:
            ann = server.client("ann")
            ann.wait_for("joined")
            self.assertEqual(self.command(server, "say", "-n", "ben", "two", "wörds 👍"), (OK, ""))
            ann.wait_for("chat", text="two wörds 👍", private=False)
            self.assertEqual(self.command(server, "say", "-n", "ben", input="one\n\ntwo\nthree")[0], OK)
            ann.wait_for("chat", text="three")
            self.assertEqual(self.command(server, "tell", "-n", "ben", "ann", "psst"), (OK, ""))
            ann.wait_for("chat", text="psst", private=True)
            self.assertEqual(self.command(server, "tell", "-n", "ben", "nobody", "psst")[0], NOT_FOUND)
            self.assertEqual(self.command(server, "react", "-n", "ben", "🎉"), (OK, ""))
            ann.wait_for("reaction", emoji="🎉")
            self.assertEqual(self.command(server, "say", "-n", "ann", "me too")[0], REFUSED)

            self.assertEqual(self.command(server, "who"), (OK, "ann (host)\n"))
            self.assertEqual(self.command(server, "who", "-r", "nowhere")[0], NOT_FOUND)
            self.assertEqual(self.command(server, "rooms"), (OK, "lobby  1\n"))
            code, said = self.command(server, "history", "--search", "o", "--limit", "2")
            self.assertEqual((code, [line.split(" ", 1)[1] for line in said.splitlines()]), (OK, ["ben: one", "ben: two"]))
            file = server.folder.path / "history.json"
            self.assertEqual(self.command(server, "history", "--since", "1h", "--export", file), (OK, ""))
            self.assertEqual([m["text"] for m in json.loads(file.read_text())["messages"]],
                             ["two wörds 👍", "one", "two", "three"])
            port = str(server.ports["status_port"])
            code, page = self.command(server, "status", "--status-port", port, "--json")
            self.assertEqual((code, json.loads(page)["server"]), (OK, "test"))
            self.assertIn("lobby (1): ann", self.command(server, "status", "--status-port", port)[1])

            ann.send("/password sesame")
            ann.wait_for("done", what="password")
            self.assertEqual(self.command(server, "who")[0], REFUSED)
            secret = server.folder.path / "password"
            secret.write_text("sesame\n")
            self.assertEqual(self.command(server, "who", "--password-file", secret), (OK, "ann (host)\n"))

    def test_a_client_that_was_killed_comes_back_as_itself(self):
        with Server() as server:
            ben = server.client("ben")
            ben.wait_for("joined")
            ann = server.client("ann")
            session = ann.wait_for("joined")["session"]
            ann.kill()
            again = server.client("ann")
            joined = again.wait_for("joined")
            self.assertEqual((joined["session"], joined["resumed"]), (session, True))
            again.leave()
            ben.wait_for("participant_left", name="ann", reason="left")
            fresh = server.client("ann").wait_for("joined")
            self.assertNotEqual(fresh["session"], session)
            self.assertFalse(fresh["resumed"])


if __name__ == "__main__":
    unittest.main()
