#!/usr/bin/env python3
"""Sharing a real X11 screen with the windows of real programs: once it is still, what a watcher has is the presenter's
screen, bit for bit."""
import os
import subprocess
import time
import unittest

from desktop import Desktop, read_ppm
from harness import BIN_DIR, ROOT, Server, TestCase, until

LINES = [f"{n}: The quick brown fox jumps over the lazy dog 0123456789\n" for n in range(200)]


class Meeting:
    """A room with a desktop that somebody shares in it."""

    def __init__(self, server, desktop, room):
        self.server, self.desktop, self.room = server, desktop, room

    def present(self, what, name="ann", **options):
        presenter = self.server.client(name, room=self.room, options=["--share", what],
                                       environment=self.desktop.environment, **options)
        presenter.wait_for("presenting", state="started")
        return presenter

    def watch(self, name):
        watcher = self.server.client(name, room=self.room, options=["--watch", self.file(name)])
        watcher.wait_for("screen", whole=True)
        return watcher

    def file(self, name):
        return self.server.folder.path / f"{self.room}-{name}.ppm"

    def seen_by(self, watcher):
        return read_ppm(self.file(watcher.name))


class ScreenX11(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.end)

    def setUp(self):
        self.desktop = Desktop()
        self.addCleanup(self.desktop.close)
        self.meeting = Meeting(self.server, self.desktop, self.id().rpartition(".")[2])
        self.addCleanup(self.everybody_leaves)

    def everybody_leaves(self):
        for client in self.server.clients:
            client.kill()

    def assert_sees(self, watcher, window=None, region=None):
        """In the end, exactly what another program sees on the desktop."""
        def is_same():
            return self.meeting.seen_by(watcher) == self.desktop.screenshot(window, region)
        try:
            until(is_same, "the same picture", period=0.1)
        except AssertionError:
            seen, real = self.meeting.seen_by(watcher), self.desktop.screenshot(window, region)
            self.fail(f"{watcher.name} has nothing" if seen is None else
                      f"{watcher.name}: {seen.width}x{seen.height}, {seen.differing(real)} pixels are not those of the screen")

    def test_windows_of_all_kinds_arrive_exactly(self):
        terminal = self.desktop.terminal("80x24+10+10", "words")
        self.desktop.editor(ROOT / "README.md", "480x350+520+10")
        self.meeting.present("screen")
        watcher = self.meeting.watch("bob")
        terminal.write("hello, watcher\n$ ")
        self.desktop.film("talking_head_352x288.264", 20, 400, 352, 288, "-t", "2")
        until(lambda: len(watcher.seen("screen")) > 20, "the film moves at the watcher's")
        self.assert_sees(watcher)
        until(lambda: watcher.seen("screen")[-1]["exact"], "the newest update makes it exact")

        late = self.meeting.watch("late")
        self.assert_sees(late)

    def test_scrolled_text_arrives_exactly(self):
        terminal = self.desktop.terminal("100x50+0+0", "log")
        self.meeting.present("screen")
        watcher = self.meeting.watch("bob")
        for line in LINES:  # as a build does
            terminal.write(line)
            time.sleep(0.01)
        self.assert_sees(watcher)
        self.assertGreater(sum(e["copies"] for e in watcher.seen("screen")), 0)

    def test_a_window_is_shared_though_another_covers_it(self):
        terminal = self.desktop.terminal("40x10+10+10", "shared")
        window = self.desktop.window("shared")
        self.meeting.present(f"window:{window}")
        watcher = self.meeting.watch("bob")
        self.desktop.terminal("40x10+30+30", "above")
        terminal.write("below, and seen\n")
        self.assert_sees(watcher, window=window)
        terminal.write("\x1b[8;20;60t")  # asks for another size
        until(lambda: self.desktop.screenshot(window).height > 200, "the window has grown")
        terminal.write("larger\n")
        self.assert_sees(watcher, window=window)

    def test_a_closed_window_ends_sharing(self):
        terminal = self.desktop.terminal("40x10+10+10", "shared")
        presenter = self.meeting.present(f"window:{self.desktop.window('shared')}")
        self.meeting.watch("bob")
        terminal.close()
        self.assertEqual(presenter.wait_for("presenting", state="ended")["why"], "source_ended")

    def test_a_region_is_shared_and_nothing_beside_it(self):
        terminal = self.desktop.terminal("100x50+0+0", "text")
        self.meeting.present("region:200x150+100+50")
        watcher = self.meeting.watch("bob")
        terminal.write("".join(LINES[:60]))
        self.assert_sees(watcher, region="200x150+100+50")

    def test_the_pointer_moves_apart_from_the_picture(self):
        self.desktop.terminal("100x50+0+0", "text")
        self.meeting.present("screen")
        watcher = self.meeting.watch("bob")
        self.assert_sees(watcher)
        updates = len(watcher.seen("screen"))
        for x in range(100, 200, 10):
            self.desktop.move_pointer(x, 80)
            watcher.wait_for("pointer", x=x, y=80, visible=True)
        self.assertEqual(len(watcher.seen("screen")), updates)
        self.assert_sees(watcher)

    def test_w21_camera_and_screen_are_shared_together(self):
        self.desktop.terminal("80x24+10+10", "words").write("both at once\n")
        self.meeting.present("screen", video_in=("pattern", "--video-size", "320x240"))
        watcher = self.server.client("bob", room=self.meeting.room, keep=True, options=["--watch", self.meeting.file("bob")])
        self.assert_sees(watcher)
        until(lambda: list(watcher.pictures.rglob("*.jpg")), "pictures of the camera come beside the screen")

    def test_a_display_that_dies_ends_sharing_with_a_reason(self):
        self.desktop.terminal("80x24+10+10", "words")
        presenter = self.meeting.present("screen")
        self.meeting.watch("bob")
        self.desktop.kill()
        ended = presenter.wait_for("presenting", state="ended")
        self.assertEqual(ended["why"], "source_failed")
        self.assertIn("is gone", ended["text"])

    def test_wayland_without_x11_is_told_what_to_do(self):
        environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
        done = subprocess.run([BIN_DIR / "connectsphere", "share", "--server", f"127.0.0.1:{self.server.ports['control_port']}"],
                              env=dict(environment, WAYLAND_DISPLAY="wayland-0"), capture_output=True, text=True, timeout=20,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("log in to an X11", done.stderr)


if __name__ == "__main__":
    unittest.main()
