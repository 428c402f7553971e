"""Debian's GStreamer in a room, by the commands that `connectsphere sdp` prints: a file speaks or is shown, and what it
gets goes into a file instead of a window or a loudspeaker."""
import functools
import shutil
import subprocess
import unittest
import wave

from harness import DATA

ELEMENTS = ("srtpenc", "srtpdec", "rtpjpegpay", "vp8enc", "openh264enc", "opusenc", "decodebin", "udpsink", "multifilesink")


@functools.cache
def is_there():
    inspect = shutil.which("gst-inspect-1.0")
    return bool(shutil.which("gst-launch-1.0") and inspect and shutil.which("ffmpeg")) and all(
        subprocess.run([inspect, name], capture_output=True).returncode == 0 for name in ELEMENTS)


needed = unittest.skipUnless(is_there(), "needs gst-launch-1.0 with the plugins base, good and bad, and ffmpeg")


def start(server, command, **replaced):
    """Runs a command in the shell as a person would who pastes it; `replaced`: words of it."""
    for word, other in replaced.items():
        assert word in command, (word, command)
        command = command.replace(word, str(other))
    command = command.replace("gst-launch-1.0 ", "gst-launch-1.0 --quiet ", 1)
    return server.helper(["sh", "-c", "exec " + command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def in_container(server, file):
    """A raw stream of tests/data in a file that says when each picture is due: without, GStreamer sends all at once."""
    path = (server.folder.path / file).with_suffix(".mkv")
    subprocess.run(["ffmpeg", "-v", "error", "-framerate", "25", "-i", DATA / file, "-c", "copy", path], check=True)
    return path


def sends(server, offer, path):
    return start(server, offer["gstreamer_send"], FILE=path)


def shows(server, offer, folder):
    folder.mkdir()
    return start(server, offer["gstreamer_receive"],
                 autovideosink=f"jpegenc quality=95 ! multifilesink location={folder}/%06d.jpg")


def records(server, offer, file):
    """As bare samples: it has no end that a file's header could tell."""
    form = "audio/x-raw,format=S16LE,rate=48000,channels=1"
    return start(server, offer["gstreamer_receive"],
                 autoaudiosink=f"audioconvert ! audioresample ! {form} ! filesink buffer-mode=unbuffered location={file}")


def as_wav(samples):
    path = samples.with_suffix(".wav")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(samples.read_bytes())
    return path
