#!/usr/bin/env python3
"""The window, as a person uses it: on a display without a screen, with real keys and clicks, beside CLI participants.

GUI_SHOTS=FOLDER keeps a picture of each state, to be looked at."""
import os
import pathlib
import subprocess
import time
import unittest

from gui import Display, Gui
from harness import BIN_DIR, DATA, Server, TestCase, until

HELLO = "Grüße 👋 שלום"
PATTERN = ("pattern", "--video-size", "320x240", "--fps", "10")


class Window(TestCase):
    def test_a_call_from_the_card_to_its_end(self):
        with Display() as display, Server() as server:
            address = f"127.0.0.1:{server.ports['control_port']}"
            ann = server.client("Ann", video_in=PATTERN, audio_in="tone")
            ann.wait_for("joined")  # the host
            ben = server.client("Ben", video_in=(DATA / "talking_head_352x288.264",))
            ann.wait_for_people(["Ann", "Ben"])
            with Gui(display, server.folder.path, server=address, join=False, trust=False,
                     options=("--video-in", "pattern")) as gui:
                self.check_card(gui)
                gui.wait(view="call", people=3, layout="grid")
                gui.until(lambda: gui.view["pictures"] == 3, "everybody is seen")
                ann.wait_for_people(["Gerda"])
                for line in ("/mute", "/unmute"):  # who speaks is told when it changes
                    ann.send(line)
                    time.sleep(0.7)
                gui.until(lambda: gui.view["speaking"] == 1, "somebody is seen to speak")
                self.check_controls(gui, ann)
                self.check_chat(gui, ann, ben)
                self.check_layouts(gui)
                self.check_files(gui, server, ann)
                self.check_moderation(gui, ann)
                self.check_coming_back(gui, server)
                gui.key("Escape")
                gui.wait(popup="leave")
                display.shot("leave")
                gui.click("leave now")
                gui.wait(view="join")
                ann.wait_for("participant_left")

    def check_card(self, gui):
        gui.display.shot("join")
        gui.type("Gerda")
        gui.key("Return")
        gui.wait(question="new")
        gui.display.shot("question")
        gui.click("trust")

    def check_controls(self, gui, ann):
        gui.key("m", "v")
        gui.wait(muted=True, camera_off=True)
        ann.wait_for("participant_updated", lambda e: e["participant"]["microphone_muted"])
        gui.display.xdotool("keydown", "space")
        gui.wait(muted=False)
        gui.display.xdotool("keyup", "space")
        gui.wait(muted=True)
        gui.key("m", "v")
        gui.wait(muted=False, camera_off=False)
        gui.key("h")
        gui.wait(hand=True)
        gui.click("reactions")
        gui.wait(popup="reactions")
        gui.display.shot("reactions")
        gui.click("react 🎉")
        self.assertEqual(ann.wait_for("reaction")["from"], "Gerda")
        ann.send("/react 👏")
        time.sleep(0.7)
        gui.display.shot("floating")

    def check_chat(self, gui, ann, ben):
        ann.send("Good morning! Here is the plan: https://192.0.2.10/plan?week=23")
        ben.send("/msg Gerda a word between us")
        gui.wait(unread=2)
        gui.key("c")
        gui.wait(panel="chat", unread=1)
        gui.type(HELLO + " m")  # a letter that is a shortcut elsewhere
        gui.wait(composer=HELLO + " m", muted=False)
        gui.key("Return")
        self.assertEqual(ann.wait_for("chat", **{"from": "Gerda"})["text"], HELLO + " m")
        ben.send("你好, everybody. This is a longer message, so that one sees how lines are broken in a bubble ❤️")
        gui.wait(messages=4)
        time.sleep(0.3)
        gui.display.shot("chat")
        gui.click("conversation Ben")
        gui.type("yes?")
        gui.key("Return")
        self.assertTrue(ben.wait_for("chat", text="yes?")["private"])
        gui.click("message")
        gui.key("ctrl+v")
        gui.wait(composer="a word between us")
        gui.key("ctrl+a", "BackSpace", "Escape", "Escape")
        gui.wait(panel="none", composer="")
        gui.key("p")
        gui.wait(panel="people")
        time.sleep(0.3)
        gui.display.shot("people")
        gui.key("p")

    def check_layouts(self, gui):
        gui.click("tile Ben")
        gui.wait(pinned="Ben", layout="speaker")
        time.sleep(0.3)
        gui.display.shot("speaker")
        gui.click("tile Ben")
        gui.wait(pinned="", layout="grid")
        gui.key("l")
        gui.click("layout Focus")
        gui.wait(layout="focus")
        gui.key("l")
        gui.click("layout Automatic")
        gui.wait(layout="grid")
        gui.click("settings")
        gui.click("Light")
        gui.wait(theme="light")
        gui.display.shot("settings")
        gui.key("Escape")
        gui.wait(popup="none")
        time.sleep(0.2)
        gui.display.shot("light")
        gui.click("settings")
        gui.click("Dark")
        gui.key("Escape")

    def check_files(self, gui, server, ann):
        file = server.folder.path / "plan for week 23.txt"
        file.write_text("work\n" * 100_000)
        ann.send(f"/send {file}")
        gui.until(lambda: any("plan for week" in toast for toast in gui.toasts), "the file is announced")
        gui.key("u")
        gui.wait(panel="files", files=1)
        gui.click("get plan for week 23.txt")
        fetched = gui.home / "Downloads" / file.name
        gui.until(fetched.exists, "the file is here")
        self.assertEqual(fetched.read_bytes(), file.read_bytes())
        gui.until(lambda: "open plan for week 23.txt" in gui.controls, "it can be opened")
        gui.display.shot("files")
        gui.key("u")
        gui.wait(panel="none")

    def check_moderation(self, gui, host):
        host.send("/mute Gerda")
        gui.wait(muted=True)
        gui.until(lambda: any("muted you" in toast for toast in gui.toasts), "told who muted")
        gui.key("m")
        gui.wait(muted=False)

    def check_coming_back(self, gui, server):
        server.kill("gateway")
        gui.wait(link="reconnecting", view="call")
        time.sleep(0.3)
        gui.display.shot("reconnecting")
        server.start("gateway")
        gui.wait(link="joined", people=3)
        gui.until(lambda: gui.view["pictures"] == 3, "everybody is seen again")

    def test_screens_both_ways(self):
        with Display() as display, Server() as server:
            address = f"127.0.0.1:{server.ports['control_port']}"
            ann = server.client("Ann", video_in=PATTERN, options=("--share", "generator:typing:1280x720"))
            ben = server.client("Ben", options=("--watch", "none"))
            ann.wait_for("presenting", state="started")
            with Gui(display, server.folder.path, server=address) as gui:
                gui.wait(view="call", people=3, screen=True, layout="presenter")
                gui.until(lambda: any("Ann shares a screen" in toast for toast in gui.toasts), "told whose it is")
                time.sleep(1)
                display.shot("presenter")
                gui.click("screen", double=True)
                time.sleep(0.5)
                display.shot("presenter-native")
                ann.send("/stop")
                gui.wait(screen=False, layout="grid")
                mark = ben.mark()
                gui.key("s")
                gui.wait(popup="share")
                gui.until(lambda: "share Whole screen" in gui.controls, "screens to choose from")
                display.shot("share")
                gui.click("share Whole screen")
                gui.wait(sharing=True)
                ben.wait_for("screen", since=mark, width=1280, height=800)
                display.shot("sharing")
                gui.key("s")
                gui.wait(sharing=False)

    def test_twelve_others_in_the_grid(self):
        with Display() as display, Server() as server:
            address = f"127.0.0.1:{server.ports['control_port']}"
            videos = [(DATA / "talking_head_352x288.264",), (DATA / "camera_1280x720.264", "--video-size", "640x360"), PATTERN]
            names = ["Ada", "Bo", "Chen", "דנה", "Elif", "François", "Gül", "Hanna Müller", "Ивáн", "Jo", "山田", "Lea"]
            clients = [server.client(name, video_in=videos[i % 3] + (("--fps", "5") if i % 3 < 2 else ()), audio_in="tone" if i == 4 else None)
                       for i, name in enumerate(names)]
            for client in clients:
                client.wait_for("joined")
            clients[2].send("/hand")
            clients[7].send("/hand")
            with Gui(display, server.folder.path, server=address) as gui:
                gui.wait(view="call", people=13)
                gui.until(lambda: gui.view["pictures"] == 12, "twelve pictures")
                time.sleep(1)
                display.shot("twelve")
                gui.draws.clear()
                gui.until(lambda: len(gui.draws) > 1, "figures")
                self.assertGreater(gui.draws[-1]["pictures"], 30)

    def test_a_small_window(self):
        with Display(640, 480) as display, Server() as server:
            address = f"127.0.0.1:{server.ports['control_port']}"
            ann = server.client("Ann", video_in=PATTERN)
            ann.wait_for("joined")
            with Gui(display, server.folder.path, server=address, size="480x360", join=False) as gui:
                display.shot("small-join")
                gui.click("join")
                gui.wait(view="call", people=2, pictures=1)
                self.assertEqual(gui.window, (480, 360))
                display.shot("small")
                for key, panel in (("c", "chat"), ("Escape", "chat"), ("p", "people"), ("u", "files")):
                    gui.key(key)
                    gui.wait(panel=panel)
                    time.sleep(0.1)
                    display.shot(f"small-{panel}")

    def test_no_camera_no_microphone_no_server(self):
        with Display() as display, Server(start=False) as server:
            with Gui(display, server.folder.path, server="127.0.0.1:1", join=False,
                     options=("--video-in", "/nowhere.mp4", "--audio-in", "mic", "--audio-out", "speaker")) as gui:
                gui.until(lambda: "camera" in gui.view["device_fault"], "told that there is no camera")
                gui.click("join")
                gui.until(lambda: "does not answer" in gui.view["fault"], "told that there is no server")
                display.shot("no-server")

    def test_a_changed_certificate_is_refused(self):
        with Display() as display, Server() as server:
            address = f"127.0.0.1:{server.ports['control_port']}"
            with Gui(display, server.folder.path, server=address, trust=False, options=("--fingerprint", "SHA256:" + "A" * 43)) as gui:
                gui.wait(question="changed")
                display.shot("changed")
                self.assertNotIn("trust", gui.controls)
                gui.click("back")
                gui.wait(question="none", view="join")

    def test_no_display_is_said(self):
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        done = subprocess.run([BIN_DIR / "connectsphere-gui"], env=environment, capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no display", done.stderr)

    def test_it_links_no_gtk(self):
        libraries = subprocess.run(["ldd", BIN_DIR / "connectsphere-gui"], capture_output=True, text=True, check=True).stdout
        self.assertIn("Qt5Widgets", libraries)
        self.assertNotIn("gtk", libraries.lower())


if __name__ == "__main__":
    unittest.main()
