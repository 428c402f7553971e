#!/usr/bin/env python3
"""Services are killed in a call: what a participant notices, and for how long."""
import time
import unittest

from harness import Server, TestCase, loudness, pictures_of, silences, until

FRAME_RATE = 15
VIDEO = ("pattern", "--video-size", "320x240")


class Deaths(TestCase):
    def setUp(self):
        self.server = self.enterContext(Server())
        self.ann = self.server.client("ann", audio_in="tone:440", video_in=VIDEO)
        self.ben = self.server.client("ben", record=True, keep=True, audio_in="tone:1000")
        self.people = (self.ann, self.ben)
        for client in self.people:
            client.wait_for_people(("ann", "ben"))
        self.wait_for_media()

    def media_sent(self):
        return (self.server.metric("connectsphere_audio_packets_total", direction="out"),
                self.server.metric("connectsphere_video_packets_sent_total"))

    def wait_for_media(self):
        """Until both planes have sent for about a second more, as their services count."""
        before = self.media_sent()
        more = (2 * 50, FRAME_RATE)  # a mix for each of two people, at least a packet a picture
        until(lambda: all(now >= then + enough for now, then, enough in zip(self.media_sent(), before, more)),
              "sound and pictures flow", period=0.1)

    def assert_chat_works(self, text):
        self.ann.send(text)
        self.assertEqual(self.ben.wait_for("chat", text=text)["from"], "ann")

    def end_call(self):
        """Everybody leaves; ben's longest silence in seconds, what he saw of ann, and his summary."""
        summary = self.ben.leave()
        self.ann.leave()
        self.assertGreater(max(loudness(self.ben.recording)), 1000)
        seen = pictures_of(self.ben, "ann")
        self.assertEqual((seen["undecodable"], seen["in_order"]), (0, True))
        # Pictures of the pattern are numbered: what is missing between the first and the last that he saw.
        seen["missing"] = seen["last"] - seen["first"] + 1 - seen["files"]
        return (silences(self.ben.recording) or [0])[0], seen, summary

    def test_W20_without_the_gateway_the_call_goes_on_and_clients_come_back(self):
        sessions = [client.session for client in self.people]
        self.server.kill("gateway")
        for client in self.people:
            client.wait_for("disconnected")
        self.ann.send("written while the gateway was dead")
        self.wait_for_media()
        marks = [client.mark() for client in self.people]
        self.server.start("gateway")
        restarted = time.monotonic()
        for client, session, mark in zip(self.people, sessions, marks):
            back = client.wait_for("joined", since=mark)
            self.assertEqual((back["session"], back["resumed"]), (session, True))
            self.assertLess(back["at"] - restarted, 3)
        self.ben.wait_for("chat", text="written while the gateway was dead")
        self.assert_chat_works("after the restart")
        self.wait_for_media()
        silence, seen, ben = self.end_call()
        self.assertLess(silence, 0.2)
        self.assertLess(seen["missing"], 3)
        self.assertEqual((ben["audio"]["epochs"], ben["video"]["epochs"]), (1, 1), "keys must not change")

    def test_sound_comes_back_within_a_second_on_fresh_keys(self):
        mark = self.ben.mark()
        self.server.restart("audio-mixer")
        self.assertEqual(self.ben.wait_for("media", since=mark, plane="audio")["epoch"], 2)
        self.assert_chat_works("while the mixer starts")
        self.wait_for_media()
        silence, seen, ben = self.end_call()
        self.assertLess(silence, 1.0)
        self.assertLess(seen["missing"], 3)
        self.assertEqual((ben["audio"]["epochs"], ben["video"]["epochs"]), (2, 1))
        self.assertEqual(self.ann.seen("disconnected") + self.ben.seen("disconnected"), [])

    def test_pictures_come_back_within_a_second_on_fresh_keys(self):
        mark = self.ben.mark()
        self.server.restart("video-relay")
        self.assertEqual(self.ben.wait_for("media", since=mark, plane="video")["epoch"], 2)
        self.wait_for_media()
        silence, seen, ben = self.end_call()
        self.assertLess(silence, 0.2)
        self.assertLess(seen["missing"], FRAME_RATE)
        self.assertEqual((ben["audio"]["epochs"], ben["video"]["epochs"]), (1, 2))

    def test_W20_without_signaling_the_call_goes_on(self):
        self.server.kill("signaling")
        self.wait_for_media()
        self.ann.send("/react 🤷")
        self.assertEqual(self.ann.wait_for("error")["code"], "unavailable")
        self.server.start("signaling")
        self.assert_chat_works("after the restart")
        self.wait_for_media()
        self.assertEqual(self.ann.seen("disconnected") + self.ben.seen("disconnected"), [])


class UnderLoad(TestCase):
    CODECS = ("jpeg", "vp8", "h264", "auto")
    VIEWERS = ("dan", "eva")

    def pictures(self, viewer, sender):
        """When each picture that `viewer` kept of `sender` was written, in its order."""
        return [path.stat().st_mtime for path in sorted((viewer.pictures / sender.name).glob("*.jpg"))]

    def test_after_the_relay_was_killed_everybody_sees_everybody_within_a_second(self):
        with Server() as server:
            senders = [server.client(codec, video_in=(*VIDEO, "--fps", str(FRAME_RATE), "--video-codec", codec), keep=True)
                       for codec in self.CODECS]
            everybody = senders + [server.client(name, keep=True) for name in self.VIEWERS]
            ways = [(viewer, sender) for viewer in everybody for sender in senders if viewer is not sender]
            until(lambda: all(len(self.pictures(*way)) > FRAME_RATE for way in ways), "everybody sees everybody", timeout=30)
            marks = [client.mark() for client in everybody]
            killed = time.time()
            server.restart("video-relay")
            for client, mark in zip(everybody, marks):
                self.assertEqual(client.wait_for("media", since=mark, plane="video")["epoch"], 2)
            until(lambda: all(self.pictures(*way)[-1] > killed + 2 for way in ways), "everybody sees everybody again",
                  timeout=30)
            for client in everybody:
                client.leave()
            for viewer, sender in ways:
                with self.subTest(viewer=viewer.name, sender=sender.name):
                    # What the dead relay had sent is on its way for some milliseconds.
                    back = min(at for at in self.pictures(viewer, sender) if at > killed + 0.1)
                    self.assertLess(back - killed, 1)
                    seen = pictures_of(viewer, sender.name)
                    self.assertEqual((seen["undecodable"], seen["in_order"]), (0, True))


if __name__ == "__main__":
    unittest.main()
