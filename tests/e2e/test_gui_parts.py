#!/usr/bin/env python3
"""Parts of the window, each for itself: a region is shared and its place passed on, devices change in the middle of a call, text is
clicked, changed and found again, files are found, and everything works with the keyboard alone.

GUI_SHOTS=FOLDER keeps a picture of each state, to be looked at."""
import contextlib
import shutil
import time
import unittest

from gui import Display, Gui
from harness import DATA, Server, TestCase
from test_devices import SoundServer

HELLO = "Grüße 👋 שלום"
PATTERN = ("pattern", "--video-size", "320x240", "--fps", "10")


def address(server):
    return f"127.0.0.1:{server.ports['control_port']}"


@contextlib.contextmanager
def room(*options, environment=None):
    """A display, a server, its host Ann, and the window."""
    with Display() as display, Server() as server:
        ann = server.client("Ann", video_in=PATTERN, audio_in="tone")
        ann.wait_for("joined")
        with Gui(display, server.folder.path, server=address(server), options=options, environment=environment) as gui:
            gui.wait(view="call", people=2)
            yield gui, server, ann


class Sharing(TestCase):
    def test_a_region_drawn_on_the_screen_is_what_the_others_see(self):
        with room() as (gui, server, ann):
            ben = server.client("Ben", options=("--watch", "none"))
            gui.wait(people=3)
            gui.key("s")
            gui.wait(popup="share")
            gui.display.shot("share")
            gui.click("share A part of the screen …")
            gui.until(lambda: gui.view["region"] == "region:640x400+320+200", "the middle is offered")
            gui.until(lambda: "share region" in gui.controls, "it can be shared")
            gui.drag((200, 150), (680, 510))
            gui.wait(region="region:480x360+200+150")
            gui.display.shot("region")
            gui.key("Right", "shift+Down")
            gui.wait(region="region:480x376+216+150")
            mark = ben.mark()
            gui.key("Return")
            gui.wait(region="", sharing=True, view="call")
            ben.wait_for("screen", since=mark, width=480, height=376)
            time.sleep(0.3)
            gui.display.shot("sharing-region")
            self.assertEqual(gui.window, (1280, 800))
            gui.key("s")
            gui.wait(sharing=False)
            gui.key("s")
            gui.click("share A part of the screen …")
            gui.until(lambda: gui.view["region"], "once more")
            gui.key("Escape")
            gui.wait(region="", sharing=False, popup="none")

    def test_the_place_is_asked_for_given_and_taken_over(self):
        with room() as (gui, server, ann):
            ann.send("/role Gerda moderator")
            gui.key("s")
            gui.click("share Whole screen")
            gui.wait(sharing=True)
            ben = server.client("Ben")
            ben.send("/share ask generator:still:640x480")
            gui.wait(asked_for_screen=1, people=3)
            time.sleep(0.2)
            gui.display.shot("asked")
            gui.click("give the screen")
            ben.wait_for("presenting", state="started")
            gui.wait(sharing=False, screen=True, asked_for_screen=0)
            gui.key("s")
            gui.until(lambda: "take the screen over" in gui.controls, "a moderator may")
            time.sleep(0.2)
            gui.display.shot("share-beside-another")
            gui.click("share Whole screen")
            gui.wait(waiting_to_share=True, sharing=False)
            ben.wait_for("presenting_requested", name="Gerda")
            time.sleep(0.2)
            gui.display.shot("waiting-to-share")
            gui.key("s")
            gui.wait(waiting_to_share=False)
            gui.key("s")
            gui.click("take the screen over")
            gui.click("share Whole screen")
            gui.wait(sharing=True)
            ben.wait_for("presenting", state="ended", why="taken_over")


class Devices(TestCase):
    @unittest.skipUnless(shutil.which("pulseaudio") and shutil.which("paplay"), "needs pulseaudio")
    def test_another_microphone_in_the_middle_of_a_call(self):
        with SoundServer() as sound, room("--audio-in", "tone", "--video-in", "pattern", environment=sound.environment) as (gui, server, ann):
            mine = ann.wait_for("participant_joined")["participant"]["session"]
            ann.wait_for("speakers", lambda e: mine in e["sessions"])
            gui.click("settings")
            gui.until(lambda: gui.view["level"] > 0.3, "the tone is measured")
            gui.display.shot("settings-call")
            mark = ann.mark()
            gui.click("microphone device")
            gui.until(lambda: any("vmic" in name.lower() or "remapped" in name.lower() for name in gui.controls), "it is offered by name")
            gui.display.shot("settings-list")
            gui.click(next(name for name in gui.controls if name.startswith("device ") and "remapped" in name.lower()))
            gui.until(lambda: gui.view["level"] < 0.1, "it is silent there")
            ann.wait_for("speakers", lambda e: mine not in e["sessions"], since=mark)
            mark = ann.mark()
            sound.play(str(DATA / "voice_reader1.wav"))
            ann.wait_for("speakers", lambda e: mine in e["sessions"], since=mark)
            gui.until(lambda: gui.view["level"] > 0.3, "the voice is measured")
            gui.click("camera device")
            gui.click("device No camera")
            ann.wait_for("participant_updated", lambda e: e["participant"]["name"] == "Gerda" and e["participant"]["camera_off"])
            gui.click("loudspeaker device")
            gui.until(lambda: "device Default loudspeaker" in gui.controls, "loudspeakers are offered")
            gui.click("device Default loudspeaker")
            gui.key("Escape")
            gui.wait(popup="none", view="call", link="joined")

    def test_a_camera_may_come_later(self):
        with room() as (gui, server, ann):
            gui.wait(camera=False)
            gui.key("v")
            gui.wait(popup="settings")
            gui.display.shot("no-camera-in-call")
            gui.key("Escape", "Escape")
            gui.wait(popup="none")
            ann.wait_for("participant_updated", lambda e: e["participant"]["camera_off"])


class Chat(TestCase):
    def test_text_is_clicked_selected_changed_and_found(self):
        with room() as (gui, server, ann):
            ann.send("the plan is on the wall")
            gui.key("c")
            gui.wait(panel="chat", messages=1)
            gui.type("hello " + HELLO)
            gui.wait(composer="hello " + HELLO)
            gui.click_text("composer", 18, double=True)
            gui.type("Hi")
            gui.wait(composer="Hi " + HELLO)
            gui.key("ctrl+a", "ctrl+x", "ctrl+v", "ctrl+v")
            gui.wait(composer=("Hi " + HELLO) * 2)
            gui.key("ctrl+a")
            gui.type("my frist")
            gui.key("Return")
            ann.wait_for("chat", text="my frist")
            gui.wait(messages=2)
            gui.key("Up")
            gui.wait(composer="my frist")
            gui.key("ctrl+a")
            gui.type("my first")
            time.sleep(0.2)
            gui.display.shot("editing")
            gui.key("Return")
            ann.wait_for("chat_edited", text="my first")
            gui.click("own message")
            time.sleep(0.2)
            gui.display.shot("message-actions")
            gui.click("Delete message")
            ann.wait_for("chat_deleted")
            gui.wait(messages=1)
            gui.click("search")
            gui.type("PLAN")
            gui.key("Return")
            gui.wait(found=1)
            time.sleep(0.2)
            gui.display.shot("search")
            gui.key("Escape")
            gui.wait(found=0, panel="chat")


class Keyboard(TestCase):
    def test_a_call_without_a_pointer(self):
        with Display() as display, Server() as server:
            ann = server.client("Ann", video_in=PATTERN)
            ann.wait_for("joined")
            with Gui(display, server.folder.path, server=address(server), join=False) as gui:
                gui.type("Gerda")
                gui.key("Tab", "Tab", "Tab")
                gui.until(lambda: gui.view["focus"] != "", "the fields are left for the buttons")
                for _ in range(12):
                    if gui.view["focus"] == "join":
                        break
                    gui.key("Tab")
                    time.sleep(0.15)
                display.shot("focused-join")
                gui.key("Return")
                gui.wait(view="call", people=2)
                gui.key("r")
                gui.wait(popup="reactions")
                gui.key("Tab", "Tab")
                gui.until(lambda: gui.view["focus"] == "react 👏", "the second one is focused")
                display.shot("focused-reaction")
                gui.key("Return")
                self.assertEqual(ann.wait_for("reaction")["emoji"], "👏")
                gui.key("Escape")
                gui.wait(popup="leave")
                gui.key("Return")
                gui.wait(view="join")


if __name__ == "__main__":
    unittest.main()
