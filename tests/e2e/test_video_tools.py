#!/usr/bin/env python3
"""Debian's ffmpeg and GStreamer in a call: both ways, in every codec."""
import shutil
import subprocess
import unittest

import gstreamer
from harness import Server, TestCase, ffmpeg_sends, pictures_of, sdp_offer, until, verify

PATTERN = ("pattern", "--video-size", "640x360", "--fps", "15")


class Tools(TestCase):
    CODECS = ("jpeg", "vp8", "h264")

    def both_ways(self, server, codec, run):
        """`run(offer)` has a tool send a clip into the room and show ann's pictures, until there are 60 in the folder that
        it returns; what is in these."""
        ann = server.client("ann", video_in=(*PATTERN, "--video-codec", codec), keep=True)
        ann.wait_for("joined")
        offer = sdp_offer(server, "--video", "--video-codec", codec, "--of", "ann")
        self.assertEqual(offer["from"], "ann")
        shown = run(offer)
        until(lambda: pictures_of(ann, "tool")["files"] >= 40, "ann has seen 40 pictures of the tool", period=1)
        ann.leave()
        got = pictures_of(ann, "tool", clip="talking_head_352x288.264")
        self.assertEqual(got["undecodable"], 0)
        self.assertGreaterEqual(got["psnr_min"], 25)
        seen = verify("pictures", shown)
        self.assertEqual((seen["undecodable"], seen["tags"]), (0, 1))
        self.assertGreaterEqual(seen["marked"], 55)
        return seen


@unittest.skipUnless(shutil.which("ffmpeg"), "needs ffmpeg")
class StockTools(Tools):
    """Debian's ffmpeg sends a picture into a room, and shows somebody's."""

    def test_ffmpeg_sends_and_shows(self):
        for codec in self.CODECS:
            with self.subTest(codec=codec), Server() as server:
                # It fills gaps of time with the picture before: numbers may repeat, but never go back.
                self.both_ways(server, codec, lambda offer: self.run_ffmpeg(server, offer))

    def run_ffmpeg(self, server, offer):
        sdp_file, shown = server.folder.path / "room.sdp", server.folder.path / "shown"
        sdp_file.write_text(offer["receive_sdp"])
        shown.mkdir()
        receiver = server.helper(
            ["ffmpeg", "-v", "error", "-y", "-protocol_whitelist", "file,rtp,udp", "-i", sdp_file, "-frames:v", "60",
             "-q:v", "2", shown / "%06d.jpg"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ffmpeg_sends(server, offer, "talking_head_352x288.264")
        until(lambda: receiver.poll() is not None, "ffmpeg has shown 60 pictures", timeout=40)
        return shown


@gstreamer.needed
class GStreamer(Tools):
    """The same with Debian's gst-launch-1.0."""

    def test_gstreamer_sends_and_shows(self):
        for codec in self.CODECS:
            with self.subTest(codec=codec), Server() as server:
                seen = self.both_ways(server, codec, lambda offer: self.run_gstreamer(server, offer))
                self.assertTrue(seen["in_order"])

    def run_gstreamer(self, server, offer):
        shown = server.folder.path / "shown"
        gstreamer.shows(server, offer, shown)
        gstreamer.sends(server, offer, gstreamer.in_container(server, "talking_head_352x288.264"))
        until(lambda: len(list(shown.iterdir())) >= 60, "GStreamer has shown 60 pictures", timeout=40, period=0.2)
        return shown


if __name__ == "__main__":
    unittest.main()
