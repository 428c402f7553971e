#!/usr/bin/env python3
"""The audio plane with real processes: profiles, stock tools, one address for two, strangers, and crashes."""
import os
import shutil
import socket
import subprocess
import unittest
import wave

import gstreamer
from harness import DATA, Detour, Server, TestCase, ffmpeg_sends, loudness, sdp_offer, silences, until, verify


class Profiles(TestCase):
    def test_people_with_either_profile_hear_each_other(self):
        profiles = ("gcm", "cm", "cm")
        with Server() as server:
            clients = [server.client(name, voice=voice, record=True, stay=9, options=("--srtp-profile", profile))
                       for name, voice, profile in zip(self.NAMES, self.VOICES, profiles)]
            for client in clients:
                client.wait_for_people(self.NAMES)
            network = clients[0].wait_for("network", lambda e: e["audio"]["rtt_ms"] is not None)
            self.assertLess(network["audio"]["rtt_ms"], 100)
            speakers = clients[0].wait_for("speakers", lambda e: len(e["sessions"]) >= 2)
            self.assertLessEqual(set(speakers["sessions"]), {client.session for client in clients})
            for client in clients:
                client.finish()
            self.assert_hears_the_others(clients)
            told = [event["at"] for event in clients[0].seen("network")]
            self.assertTrue(all(b - a > 1.5 for a, b in zip(told, told[1:])), told)


class StockTools(TestCase):
    @unittest.skipUnless(shutil.which("ffmpeg"), "needs ffmpeg")
    def test_ffmpeg_speaks_and_hears(self):
        with Server() as server:
            offer = sdp_offer(server, "--audio")
            sdp_file = server.folder.path / "room.sdp"
            sdp_file.write_text(offer["receive_sdp"])
            heard = server.folder.path / "ffmpeg-heard.wav"
            receiver = server.helper(
                ["ffmpeg", "-v", "error", "-y", "-protocol_whitelist", "file,rtp,udp", "-i", sdp_file, "-t", "6",
                 "-ac", "1", "-ar", "48000", heard], stdin=subprocess.DEVNULL)
            ann = server.client("ann", voice="voice_jfk.wav", record=True, stay=14)
            ann.wait_for_people(("ann", "tool"))
            ffmpeg_sends(server, offer, "voice_reader1.wav")
            until(lambda: receiver.poll() is not None, "ffmpeg has recorded 6 s")
            ann.finish()
            self.assert_heard(ann.recording, present="voice_reader1.wav", absent="voice_jfk.wav")
            self.assert_heard(heard, present="voice_jfk.wav", absent="voice_reader1.wav")
            self.assertIsNone(server.helpers[0].poll(), "sdp holds the session")

    @gstreamer.needed
    def test_gstreamer_speaks_and_hears(self):
        with Server() as server:
            offer = sdp_offer(server, "--audio")
            heard = server.folder.path / "gstreamer-heard.raw"
            gstreamer.records(server, offer, heard)
            ann = server.client("ann", voice="voice_jfk.wav", record=True, stay=12)
            ann.wait_for_people(("ann", "tool"))
            gstreamer.sends(server, offer, DATA / "voice_reader1.wav")
            ann.finish()
            self.assert_heard(ann.recording, present="voice_reader1.wav", absent="voice_jfk.wav")
            self.assert_heard(gstreamer.as_wav(heard), present="voice_jfk.wav", absent="voice_reader1.wav")

    def assert_heard(self, recording, present, absent):
        """From its first sound on: nobody knows when a tool on a busy machine begins."""
        first = next(i for i, level in enumerate(loudness(recording)) if level > 100)
        begins = recording.with_suffix(".cut.wav")
        with wave.open(str(recording)) as whole, wave.open(str(begins), "wb") as cut:
            cut.setparams(whole.getparams())
            whole.setpos(int(max(first - 25, 0) * 0.02 * whole.getframerate()))
            cut.writeframes(whole.readframes(whole.getnframes()))
        found = verify("voices", begins, DATA / present, DATA / absent)["voices"]
        self.assertEqual([voice["present"] for voice in found], [True, False], found)


class Strangers(TestCase):
    def test_nobody_hears_a_stranger(self):
        with Server() as server, Detour(server) as detour:
            tap = detour.tap("audio_port")
            ann = server.client("ann", voice="voice_jfk.wav", to=Detour.ADDRESS, stay=8)
            ben = server.client("ben", record=True, stay=8)
            ben.wait_for("speakers", lambda e: ann.session in e["sessions"])
            until(lambda: len(tap.captured) > 50, "packets of ann were seen")
            packets = [p for p in tap.captured if not 192 <= p[1] <= 223][:50]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.connect((server.address, server.ports["audio_port"]))
                for packet in packets:
                    stranger.send(packet)                                    # replayed
                    stranger.send(packet[:-1] + bytes([packet[-1] ^ 1]))     # a wrong tag
                    stranger.send(packet[:8] + b"\xde\xad\xbe\xef" + packet[12:])  # a wrong SSRC
                    stranger.send(os.urandom(60))
            dropped = "connectsphere_audio_dropped_total"
            name = next((key.split("{")[0] for key in server.metrics() if "audio_dropped_total" in key), dropped)
            server.wait_metric(name, 50, reason="unknown-ssrc")
            drops = {reason: server.metric(name, reason=reason) for reason in ("replayed", "forged")}
            self.assertGreaterEqual(sum(drops.values()), 90, drops)
            ann.finish()
            ben.finish()
            found = verify("voices", ben.recording, DATA / "voice_jfk.wav")["voices"]
            self.assertTrue(found[0]["present"], found)


class Crashes(TestCase):
    def test_killing_the_gateway_leaves_no_gap_in_the_sound(self):
        with Server() as server:
            ann = server.client("ann", audio_in="tone", stay=12)
            ben = server.client("ben", record=True, stay=12)
            ben.wait_for("speakers", lambda e: len(e["sessions"]) == 1)
            server.restart("gateway")
            for client in (ann, ben):
                client.wait_for("joined", resumed=True)
            ann.finish()
            ben.finish()
            gaps = silences(ben.recording)
            self.assertLess(max(gaps, default=0), 0.1, gaps)

    def test_killing_the_mixer_brings_the_sound_back_within_a_second(self):
        with Server() as server:
            ann = server.client("ann", audio_in="tone", stay=12)
            ben = server.client("ben", record=True, stay=12)
            ben.wait_for("speakers", lambda e: len(e["sessions"]) == 1)
            server.restart("audio-mixer")
            for client in (ann, ben):
                client.wait_for("media", lambda e: e["plane"] == "audio" and e["epoch"] >= 2)
            ann.finish()
            summary = ben.finish()
            gaps = silences(ben.recording)
            self.assertLess(max(gaps, default=0), 1.0, gaps)
            self.assertEqual(summary["audio"]["epochs"], 2)


if __name__ == "__main__":
    unittest.main()
