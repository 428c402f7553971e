"""A mount namespace of its own for a test program, so that a test may mount what nobody else sees."""
import contextlib
import os
import subprocess
import sys
import unittest

OWN = "CS_OWN_MOUNTS"


def main(*needy, **options):
    """unittest.main() within it; where nobody may mount, the test cases that `needy` names are skipped."""
    if OWN not in os.environ:
        for way in (["-m"], ["-rm"]):
            command = ["unshare", *way]
            with contextlib.suppress(OSError):
                probe = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
                if probe.returncode == 0:
                    os.execvpe("unshare", [*command, sys.executable, "-B", *sys.argv], dict(os.environ, **{OWN: "1"}))
        for case in needy:
            case.__unittest_skip__, case.__unittest_skip_why__ = True, "this machine lets nobody mount a file system"
    unittest.main(**options)


@contextlib.contextmanager
def small_disk(server, folder, size):
    """`folder` is a file system of so many bytes until the server has stopped."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        server.stop_services()
        subprocess.run(["umount", folder], check=True)


def fill(folder):
    """A file that takes what is left, to the last byte."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return ballast
