#!/usr/bin/env python3
"""`make demo`: a whole conference on this machine, and the proof that it works.

Starts the server with deploy/connectsphere on free ports in a temporary folder, lets three clients join with recorded
voices and clips, chat, whisper and react; kills the audio mixer with kill -9 in the middle of ten seconds of call;
then reports what each of them heard and saw. Everything is stopped and removed again. Exit code 0 only if all of it
is as it should be.
"""
import os
import signal
import subprocess
import sys
import time

from harness import BIN_DIR, DATA, ROOT, Failed, Server, TestCase, pictures_of, until, voices_heard

CALL_SECONDS = 10
KILL_AFTER = 4  # seconds of call
FRAME_RATE = 15
WHOLE_CLIP = 30  # dB; the quality of JPEG that clients send leaves 37 of both clips
SCRIPT = ROOT / "deploy" / "connectsphere"

# Name, voice, what the camera shows, and the clip to compare with.
PEOPLE = (
    ("Ann", TestCase.VOICES[0], "talking_head_352x288.264", ("--video-size", "352x288")),
    ("Ben", TestCase.VOICES[1], "camera_1280x720.264", ("--video-size", "640x360")),
    ("Cleo", TestCase.VOICES[2], None, ("--video-size", "640x360")),
)
NAMES = [name for name, *_ in PEOPLE]
LINE = "Hello, everybody 👋🏽 grüße, 你好"
WHISPER = "between us 🤫"


class Demo:
    def __init__(self):
        self.failures = 0
        self.started = time.monotonic()
        self.server = Server(start=False)
        self.clients = {}

    def say(self, what, text):
        print(f"  {what:<10} {text}", flush=True)

    def check(self, what, is_so, text):
        self.failures += not is_so
        self.say(what, text if is_so else f"{text}   <-- NOT AS IT SHOULD BE")

    def run(self):
        print("ConnectSphere: a call of three on this machine\n", flush=True)
        try:
            self.up()
            self.join()
            self.talk()
            self.kill_the_mixer()
            summaries = {name: client.finish() for name, client in self.clients.items()}
            self.report(summaries)
        except Failed as failure:
            self.check("failed", False, str(failure))
            self.server.show_logs()
        finally:
            self.down()
        seconds = time.monotonic() - self.started
        verdict = "Everything is as it should be" if self.failures == 0 else f"{self.failures} things are not as they should be"
        print(f"\n{verdict} ({seconds:.0f} s).", flush=True)
        return 1 if self.failures else 0

    # ---- the server

    def supervisor(self, *command):
        return subprocess.run([SCRIPT, "--config", self.server.config_file, "--run-dir", self.server.run_dir, *command],
                              env=dict(os.environ, BIN_DIR=str(BIN_DIR)), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def up(self):
        before = time.monotonic()
        up = self.supervisor("up")
        if up.returncode != 0 or not self.server.is_ready():
            raise Failed(f"the server is not ready: {up.stdout}{up.stderr}")
        ports = self.server.ports
        self.say("up", f"7 services, ready after {time.monotonic() - before:.1f} s; control on TCP {ports['control_port']}, "
                       f"video on UDP {ports['video_port']}, audio on UDP {ports['audio_port']}")

    def down(self):
        down = self.supervisor("down")
        try:
            self.server.end()
            self.check("down", down.returncode == 0, "stopped; no process and no file left")
        except Failed as failure:
            self.check("down", False, str(failure))

    # ---- the call

    def join(self):
        for name, voice, clip, options in PEOPLE:
            self.clients[name] = self.server.client(
                name, voice=voice, record=True, keep=True, stay=CALL_SECONDS,
                video_in=(DATA / clip if clip else "pattern", "--fps", str(FRAME_RATE), *options))
        for client in self.clients.values():
            client.wait_for_people(NAMES)
        self.call_began = time.monotonic()
        self.say("joined", ", ".join(f"{name} ({voice}, {clip or 'test pattern'})" for name, voice, clip, _ in PEOPLE))

    def talk(self):
        ann, ben, cleo = self.clients.values()
        ann.send(LINE)
        got = [name for name, client in self.clients.items() if client.wait_for("chat", text=LINE)]
        self.check("chat", got == NAMES, f"Ann: {LINE!r}, received by {', '.join(got)}")
        ben.send(f"/msg Cleo {WHISPER}")
        word = cleo.wait_for("chat", text=WHISPER)
        ben.send("/react 🎉")
        clapped = [name for name, client in (("Ann", ann), ("Cleo", cleo)) if client.wait_for("reaction", emoji="🎉")]
        # What came after it has come, so the private word would have come too.
        self.check("private", word["private"] and not ann.seen("chat", private=True),
                   f"Ben to Cleo: {WHISPER!r}, not received by Ann")
        self.check("reaction", len(clapped) == 2, f"Ben: 🎉, received by {', '.join(clapped)}")

    def kill_the_mixer(self):
        time.sleep(max(0.0, self.call_began + KILL_AFTER - time.monotonic()))
        marks = {client: client.mark() for client in self.clients.values()}
        pid = int((self.server.run_dir / "supervisor" / "audio-mixer.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        fresh = [client.wait_for("media", since=mark, plane="audio")["at"] - killed for client, mark in marks.items()]
        until(self.server.is_ready, "the server is ready again")
        self.check("kill -9", max(fresh) < 1, f"the audio mixer, pid {pid}, after {killed - self.call_began:.1f} s of call: "
                                              f"everybody had fresh keys of a new one after {max(fresh):.2f} s")
        self.check_status()  # while people are in the room

    def check_status(self):
        def one_restart():
            services = self.server.status().get("services", [])
            return {s["name"]: s["restarts"] for s in services if s["restarts"]} == {"audio-mixer": 1}
        until(one_restart, "status counts the restart")
        status = self.server.status()
        people = [p["name"] for room in status["rooms"] for p in room["participants"]]
        self.check("status", status["ready"] and sorted(people) == NAMES,
                   f"{'ready' if status['ready'] else 'not ready'}; in the room: {', '.join(people)}; the audio mixer restarted once")

    # ---- what came of it

    def report(self, summaries):
        print(f"\n  {'heard':<10} " + "".join(f"{name + chr(39) + 's voice':<16}" for name in NAMES))
        for name, client in self.clients.items():
            matches = voices_heard(client, TestCase.VOICES)
            cells = [f"{m['score']:.2f} {'present' if m['present'] else 'absent'}" for m in matches.values()]
            is_so = all(match["present"] == (speaker != name) for speaker, match in zip(NAMES, matches.values()))
            self.check(f"  {name}", is_so, "".join(f"{cell:<16}" for cell in cells))
        print(f"\n  {'saw':<10} " + "".join(f"{'of ' + name:<24}" for name in NAMES))
        for name, client in self.clients.items():
            cells = [self.seen(client, *person, summaries) if person[0] != name else ("-", True) for person in PEOPLE]
            self.check(f"  {name}", all(is_so for _, is_so in cells), "".join(f"{text:<24}" for text, _ in cells))
        print(flush=True)

    def seen(self, client, sender, _voice, clip, _options, summaries):
        """(text, whether it is as it should be) of what one saw of another."""
        seen = pictures_of(client, sender, clip)
        is_so = seen["undecodable"] == 0 and seen["files"] > 0.8 * summaries[sender]["video"]["sent"]
        text = f"{seen['files']} pictures"
        if clip:
            return f"{text}, {seen.get('psnr_median', 0):.0f} dB", is_so and seen.get("psnr_median", 0) > WHOLE_CLIP
        return f"{text}, in order", is_so and seen["in_order"] and seen["marked"] == seen["files"]


if __name__ == "__main__":
    # An interrupt must also stop the server: as an exception it passes through Demo.run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(Demo().run())
