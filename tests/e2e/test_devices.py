#!/usr/bin/env python3
"""Real devices: a sound server with null sinks. `spk` is the loudspeaker; what is played into `mic` is what the
microphone `vmic` hears."""
import os
import shutil
import subprocess
import unittest

from harness import BIN_DIR, DATA, Folder, Server, TestCase, WITH_PARENT, loudness, stop_process, until, verify


class SoundServer:
    """PulseAudio without hardware."""

    def __init__(self):
        self.folder = Folder()
        self.environment = {"XDG_RUNTIME_DIR": str(self.folder.path), "HOME": str(self.folder.path),
                            "PULSE_SERVER": f"unix:{self.folder.path}/pulse.sock"}
        self.players = []
        self.start()

    def start(self):
        modules = [f"module-native-protocol-unix auth-anonymous=1 socket={self.folder.path}/pulse.sock",
                   "module-null-sink sink_name=spk rate=48000 channels=2",
                   "module-null-sink sink_name=mic rate=48000 channels=1",
                   "module-remap-source master=mic.monitor source_name=vmic"]
        self.process = self.run(["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no",
                                 "--high-priority=no", *(part for module in modules for part in ("-L", module))])
        until(lambda: self.call("pactl", "info").returncode == 0, "the sound server answers")
        self.call("pactl", "set-default-sink", "spk")
        self.call("pactl", "set-default-source", "vmic")

    def run(self, command, **options):
        return subprocess.Popen(WITH_PARENT + command, env=dict(os.environ, **self.environment), stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, **options)

    def call(self, *command):
        return subprocess.run(command, env=dict(os.environ, **self.environment), capture_output=True, text=True,
                              timeout=10)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def play(self, file):
        self.players.append(self.run(["paplay", "--device=mic", file]))

    def record(self, file):
        self.players.append(self.run(["parecord", "--device=spk.monitor", "--file-format=wav", "--channels=1",
                                      "--rate=48000", file]))
        return self.players[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.players, self.process]:
            stop_process(process)
        self.folder.remove()


@unittest.skipUnless(shutil.which("pulseaudio") and shutil.which("paplay"), "needs pulseaudio")
class Devices(TestCase):
    def client(self, server, sound, name, *options):
        os.environ.update(sound.environment)
        try:
            return server.client(name, options=options)
        finally:
            for key in ("PULSE_SERVER", "XDG_RUNTIME_DIR"):
                os.environ.pop(key)

    def test_a_microphone_is_heard_and_a_loudspeaker_sounds(self):
        home = os.environ.get("HOME", "/")
        with SoundServer() as sound, Server() as server:
            listing = sound.call(str(BIN_DIR / "connectsphere"), "devices")
            self.assertIn("mic:vmic", listing.stdout)
            self.assertIn("speaker:spk", listing.stdout)
            heard = sound.folder.path / "speaker.wav"
            recorder = sound.record(heard)
            ann = self.client(server, sound, "ann", "--audio-in", "mic:vmic", "--audio-out", "speaker:spk",
                              "--no-echo-cancel")
            os.environ["HOME"] = home
            ben = server.client("ben", record=True)
            ann.wait_for_people(("ann", "ben"))
            sound.play(DATA / "voice_jfk.wav")
            ben.wait_for("speakers", lambda e: e["sessions"] == [ann.session])
            talker = server.client("cleo", voice="voice_reader2.wav", stay=10)
            talker.finish()
            stop_process(recorder)
            ann.leave()
            ben.leave()
            found = verify("voices", ben.recording, DATA / "voice_jfk.wav")["voices"]
            self.assertTrue(found[0]["present"], found)
            found = verify("voices", heard, DATA / "voice_reader2.wav", DATA / "voice_jfk.wav")["voices"]
            levels = loudness(heard)
            self.assertEqual([v["present"] for v in found], [True, False], (found, len(levels), max(levels)))

    def test_a_sound_server_that_dies_is_silence_until_it_is_back(self):
        home = os.environ.get("HOME", "/")
        with SoundServer() as sound, Server() as server:
            ann = self.client(server, sound, "ann", "--audio-in", "mic", "--audio-out", "speaker")
            os.environ["HOME"] = home
            ben = server.client("ben", record=True)
            ann.wait_for_people(("ann", "ben"))
            sound.kill()
            ann.send("still here")
            ben.wait_for("chat", text="still here")
            mark = ben.mark()
            sound.start()
            sound.play(DATA / "voice_reader1.wav")
            ben.wait_for("speakers", lambda e: e["sessions"] == [ann.session], since=mark)
            ann.leave()
            ben.leave()


if __name__ == "__main__":
    unittest.main()
