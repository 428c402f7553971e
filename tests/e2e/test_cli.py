#!/usr/bin/env python3
"""What programs say when something is not right: exit codes, fingerprints, places in the configuration."""
import shutil
import subprocess
import unittest

from harness import BIN_DIR, SERVICES, Folder, Server, TestCase

OK, USAGE, NOBODY_LISTENS, REFUSED, CERTIFICATE_CHANGED, INTERRUPTED = 0, 2, 3, 4, 5, 130


class ClientExits(TestCase):
    def test_a_server_that_is_not_there(self):
        with Server(start=False) as server:
            self.assertEqual(server.client("ann").wait(), NOBODY_LISTENS)

    def test_a_wrong_command_line(self):
        for arguments in (["join", "--no-such-option"], ["dance"], [], ["join", "--video-in", "pattern", "--video-size", "9x9"]):
            with self.subTest(arguments=arguments):
                run = subprocess.run([BIN_DIR / "connectsphere", *arguments], stdin=subprocess.DEVNULL,
                                     capture_output=True, timeout=10)
                self.assertEqual(run.returncode, USAGE)

    def test_a_name_that_is_taken_an_interrupt_and_the_end_of_a_script(self):
        with Server() as server:
            ann = server.client("ann")
            ann.wait_for("joined")
            second = server.client("ann", state=server.folder.path / "second")
            self.assertEqual(second.wait(), REFUSED)
            refusal = second.wait_for("ended", timeout=1)
            self.assertEqual((refusal["why"], refusal["code"]), ("refused", "name_taken"))
            self.assertTrue(refusal["suggestion"].startswith("ann"))

            script = server.client("ben")
            script.send("one line, then the end")
            script.process.stdin.close()
            self.assertEqual(script.wait(), OK)
            ann.wait_for("chat", text="one line, then the end")

            ann.interrupt()
            self.assertEqual(ann.wait(), INTERRUPTED)
            ann.wait_for("summary", timeout=1)

    def test_a_certificate_that_has_changed(self):
        with Server() as server:
            first = server.client("ann")
            known = first.wait_for("connected")["fingerprint"]
            first.leave()
            server.kill("gateway")
            shutil.rmtree(server.folder.path / "state" / "tls")
            server.start("gateway")
            server.wait_ready()
            refused = server.client("ann")
            self.assertEqual(refused.wait(), CERTIFICATE_CHANGED)
            text = refused.wait_for("ended", why="distrusted", timeout=1)["text"]
            self.assertIn(known, text)
            self.assertEqual(refused.seen("welcome"), [], "not a byte to a server that is not trusted")
            accepted = server.client("ann", options=["--trust-new"])
            shown = accepted.wait_for("connected")["fingerprint"]
            self.assertIn(shown, text)
            self.assertNotEqual(shown, known)
            accepted.leave()
            again = server.client("ann")
            again.wait_for("joined")
            again.leave()


class Configuration(TestCase):
    def check(self, text, program="cs-gateway"):
        folder = Folder()
        self.addCleanup(folder.remove)
        file = folder.path / "test.conf"
        file.write_text(text)
        run = subprocess.run([BIN_DIR / program, "--config", file, "--run-dir", folder.path / "run", "--check-config"],
                             capture_output=True, text=True, timeout=10)
        return run.returncode, run.stdout + run.stderr

    def test_what_is_right_is_accepted_by_every_service(self):
        for service in SERVICES:
            with self.subTest(service=service):
                self.assertEqual(self.check('server_name: "x"\nlisten { control_port: 9100 }\n', f"cs-{service}")[0], OK)

    def test_what_is_wrong_is_refused_with_its_place(self):
        cases = (
            ('server_name: "x"\nserver_nam: "y"\n', ":2:1:"),
            ("listen {\n  address: \"::\"\n  prot: 9000\n}\n", ":3:3:"),
            ("limits { rooms: many }\n", ":1:17:"),
            ("listen { control_port: 70000 }\n", ":1:10:"),
            ('listen { address: "nowhere" }\n', ":1:10:"),
            ("listen {\n", ":2:1:"),
        )
        for text, place in cases:
            with self.subTest(text=text):
                code, said = self.check(text)
                self.assertEqual(code, USAGE)
                self.assertIn("test.conf" + place, said)

    def test_a_service_does_not_start_with_a_wrong_one(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        (folder.path / "test.conf").write_text("colour: 1\n")
        for service in SERVICES:
            with self.subTest(service=service):
                run = subprocess.run([BIN_DIR / f"cs-{service}", "--config", folder.path / "test.conf"],
                                     capture_output=True, text=True, timeout=10)
                self.assertEqual(run.returncode, USAGE)
                self.assertIn("test.conf:1:1:", run.stderr)


if __name__ == "__main__":
    unittest.main()
