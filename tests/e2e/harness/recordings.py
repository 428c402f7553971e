"""What a client has recorded: voices, pictures, silences."""
import array
import json
import subprocess
import wave

from .basics import BIN_DIR, DATA, Failed


def verify(*arguments):
    run = subprocess.run([BIN_DIR / "cs-test-verify", *arguments], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise Failed(run.stderr.strip())
    return json.loads(run.stdout)


def voices_heard(client, voices):
    """{file: whether it is present, score …} of what the client recorded."""
    found = verify("voices", client.recording, *(DATA / voice for voice in voices))["voices"]
    return dict(zip(voices, found))


def pictures_of(client, sender, clip=None):
    """What is in the pictures that the client kept of `sender`."""
    folder = client.pictures / sender
    if not folder.is_dir():
        return {"files": 0, "undecodable": 0, "marked": 0, "tags": 0}
    return verify("pictures", folder, *(("--clip", DATA / clip) if clip else ()))


def loudness(recording, step=0.02):
    """RMS of every 20 ms."""
    with wave.open(str(recording)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        width = int(file.getframerate() * step)
    return [(sum(s * s for s in samples[i:i + width:4]) * 4 / width) ** 0.5
            for i in range(0, len(samples) - width + 1, width)]


def silences(recording, below=200, step=0.02):
    """Lengths in seconds of the silences between the first and the last sound, longest first."""
    levels = loudness(recording, step)
    gaps, run, heard = [], 0, False
    for level in levels:
        if level >= below:
            if heard and run:
                gaps.append(run * step)
            heard, run = True, 0
        else:
            run += 1
    return sorted(gaps, reverse=True)
