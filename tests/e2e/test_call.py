#!/usr/bin/env python3
"""A call of three: chat, a private word, a reaction, voices and pictures."""
import unittest

from harness import Server, TestCase, until

CALL_SECONDS = 10


class Call(TestCase):
    def test_three_people_talk_and_see_each_other(self):
        videos = (("pattern", "--video-size", "320x240"), ("pattern", "--video-size", "320x240"),
                  ("pattern", "--video-size", "640x360"))
        with Server() as server:
            clients = [server.client(name, voice=voice, record=True, video_in=video, keep=True, stay=CALL_SECONDS)
                       for name, voice, video in zip(self.NAMES, self.VOICES, videos)]
            for client in clients:
                client.wait_for_people(self.NAMES)
            self.check_chat(*clients)
            self.check_status(server)
            summaries = [client.finish() for client in clients]
            self.assert_hears_the_others(clients)
            for client, summary in zip(clients, summaries):
                self.assertEqual(summary["video"]["corrupt"], 0)
                for other in clients:
                    if other is not client:
                        # 15 a second; people may come and leave two seconds apart.
                        self.assert_pictures_arrive(client, other.name, least=15 * (CALL_SECONDS - 2) // 2)

    def check_chat(self, ann, ben, cleo):
        text = "Grüße 👋🏽 – 你好, שלום, Ünïcödé \u200d ok"
        ann.send(text)
        for client in (ann, ben, cleo):
            said = client.wait_for("chat", text=text)
            self.assertEqual((said["from"], said["private"]), ("ann", False))
        ben.send("/msg cleo only for you 🤫")
        word = cleo.wait_for("chat", **{"from": "ben"})
        self.assertEqual((word["text"], word["private"]), ("only for you 🤫", True))
        cleo.send("/react 🎉")
        for client in (ann, ben):
            self.assertEqual(client.wait_for("reaction")["from"], "cleo")
        ann.send("after the private word")
        cleo.wait_for("chat", text="after the private word")
        self.assertEqual(ann.seen("chat", private=True), [])

    def check_status(self, server):
        def people():
            return {room["name"]: {p["name"] for p in room["participants"]} for room in server.status()["rooms"]}
        until(lambda: people() == {"lobby": set(self.NAMES)}, "status lists the three")

if __name__ == "__main__":
    unittest.main()
