#!/usr/bin/env python3
"""Pictures in every codec, through a network that loses some, and for who comes in the middle."""
import time
import unittest

from harness import Detour, Server, TestCase, pictures_of, until

PATTERN = ("pattern", "--video-size", "640x360", "--fps", "15")


def sends(codec):
    return (*PATTERN, "--video-codec", codec)


class Video(TestCase):
    def sees(self, viewer, sender, at_least):
        """The pictures are whole, of one sender, in order, and enough of them."""
        seen = pictures_of(viewer, sender)
        self.assertGreaterEqual(seen["files"], at_least)
        self.assertEqual((seen["undecodable"], seen["marked"], seen["tags"]), (0, seen["files"], 1))
        self.assertTrue(seen["in_order"])
        return seen

    def test_each_codec_arrives_whole(self):
        with Server() as server:
            viewer = server.client("viewer", keep=True)
            viewer.wait_for("joined")
            senders = [server.client(codec, video_in=sends(codec), stay=6) for codec in ("jpeg", "vp8", "h264", "auto")]
            for sender in senders:
                sent = sender.finish()["video"]["sent"]
                self.assertGreater(sent, 40)
                with self.subTest(codec=sender.name):
                    self.sees(viewer, sender.name, 0.9 * sent)
            viewer.leave()

    def through(self, codec, *bad_udp):
        """What one sees of the other where both ways are bad."""
        with Server() as server, Detour(server) as detour:
            detour.bad_udp(*bad_udp)
            viewer = server.client("viewer", keep=True, to=detour.ADDRESS)
            viewer.wait_for("joined")
            sender = server.client("sender", video_in=sends(codec), stay=10, to=detour.ADDRESS)
            sent = sender.finish()["video"]["sent"]
            self.assertGreater(server.metric("connectsphere_video_packets_repeated_total"), 0)
            self.sees(viewer, "sender", 0.95 * sent)
            viewer.leave()

    def test_with_1_percent_loss_95_percent_of_the_jpeg_pictures_come(self):
        self.through("jpeg", "--loss", "0.01", "--delay", "2ms")

    def test_with_5_percent_loss_each_way_95_percent_of_the_pictures_come_and_none_is_damaged(self):
        for codec in ("jpeg", "vp8", "h264"):
            with self.subTest(codec=codec):
                self.through(codec, "--loss", "0.05", "--delay", "5ms", "--jitter", "10ms")

    def test_who_comes_in_the_middle_sees_the_first_picture_at_once(self):
        with Server() as server:
            first = server.client("first")
            sender = server.client("sender", video_in=sends("vp8"))
            first.wait_for("joined")
            until(lambda: server.metric("connectsphere_video_packets_sent_total") > 100, "pictures flow")
            late = server.client("late", keep=True)
            joined = late.wait_for("joined")["at"]
            folder = late.pictures / "sender"
            until(lambda: folder.is_dir() and any(folder.iterdir()), "the first picture", period=0.005)
            took = time.monotonic() - joined
            for client in (late, first, sender):
                client.leave()
            self.assertLess(took, 0.5)

    def test_without_a_viewer_nothing_is_sent(self):
        with Server() as server:
            sender = server.client("sender", video_in=sends("auto"))
            viewer = server.client("viewer", keep=True)
            viewer.wait_for("joined")
            until(lambda: server.metric("connectsphere_video_packets_received_total") > 50, "pictures flow")
            viewer.leave()
            time.sleep(1)
            before = server.metric("connectsphere_video_packets_received_total")
            time.sleep(2)
            self.assertLess(server.metric("connectsphere_video_packets_received_total") - before, 5)
            sender.leave()

    def test_a_camera_that_is_not_there_is_said_clearly(self):
        with Server() as server:
            client = server.client("ann", video_in=("camera:no such camera",))
            self.assertEqual(client.wait(), 6)
            self.assertIn("there is no camera", "".join(client.errors) + str(client.events))


if __name__ == "__main__":
    unittest.main()
