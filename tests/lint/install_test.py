#!/usr/bin/env python3
"""`make install`: every file stands where Debian expects it, an administrator's configuration is kept, and systemd has
nothing to say about the units.

    install_test.py layout BUILD_DIR    the files, below a DESTDIR
    install_test.py units BUILD_DIR     systemd-analyze verify; exit code 77 (skipped) where it is missing
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SERVICES = ["gateway", "signaling", "video-relay", "audio-mixer", "screen-broker", "file-store", "status"]
PLANES = ["control", "screen", "files", "video", "audio"]
UNITS = ["connectsphere.target", *[f"connectsphere-{name}.service" for name in SERVICES],
         *[f"connectsphere-{name}.socket" for name in PLANES]]
FILES = [
    "etc/connectsphere/connectsphere.conf",
    "usr/bin/connectsphere",
    "usr/bin/connectsphere-gui",
    "usr/bin/connectspherectl",
    *[f"usr/lib/connectsphere/cs-{name}" for name in SERVICES],
    *[f"usr/lib/systemd/system/{name}" for name in UNITS],
    "usr/lib/sysusers.d/connectsphere.conf",
    "usr/lib/tmpfiles.d/connectsphere.conf",
    "usr/share/bash-completion/completions/connectsphere",
    "usr/share/zsh/vendor-completions/_connectsphere",
    "usr/share/doc/connectsphere/connectsphere.conf",
    "usr/share/applications/connectsphere.desktop",
    "usr/share/icons/hicolor/scalable/apps/connectsphere.svg",
    "usr/share/man/man1/connectsphere-gui.1",
    "usr/share/man/man1/connectsphere.1",
    "usr/share/man/man5/connectsphere.conf.5",
    "usr/share/man/man8/connectsphere-services.8",
    "usr/share/man/man8/connectspherectl.8",
]


def install(build, prefix, sysconf, destdir=""):
    subprocess.run(["cmake", f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-DSYSCONFDIR={sysconf}", "-P", build / "cmake_install.cmake"],
                   env={**os.environ, "DESTDIR": str(destdir)}, check=True, stdout=subprocess.DEVNULL)


def layout(build, root):
    install(build, "/usr", "/etc", root)
    for name in FILES:
        if not (root / name).is_file():
            yield f"not installed: {name}"
    for path in root.rglob("*"):
        if path.is_file() and "@" in path.name:
            yield f"not configured: {path.name}"
    conf = root / "etc/connectsphere/connectsphere.conf"
    text = conf.read_text()
    for line in ('run_dir: "/run/connectsphere"', 'state_dir: "/var/lib/connectsphere"'):
        if f"\n{line}\n" not in text:
            yield f"the configuration lacks {line}"
    checked = subprocess.run([root / "usr/lib/connectsphere/cs-gateway", "--config", conf, "--check-config"], capture_output=True)
    if checked.returncode != 0:
        yield f"the configuration is refused: {checked.stderr.decode()}"
    conf.write_text("# mine\n")
    install(build, "/usr", "/etc", root)
    if conf.read_text() != "# mine\n":
        yield "an administrator's configuration was overwritten"


def units(build, root):
    install(build, root, root / "etc")  # no DESTDIR: the programs that the units name must be there
    folder = root / "lib/systemd/system"
    # It exits with 0 also where a key is misspelt: whatever it says is a fault.
    said = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", *[folder / name for name in UNITS]],
                          env={**os.environ, "MANPATH": str(root / "share/man")}, capture_output=True, text=True)
    yield from (said.stdout + said.stderr).splitlines()
    for name in SERVICES:
        text = (folder / f"connectsphere-{name}.service").read_text()
        if "@" in text:
            yield f"{name}: something was not configured"
    # The names under which lend.cpp looks for the sockets.
    for name in PLANES:
        if f"\nFileDescriptorName={name}\n" not in (folder / f"connectsphere-{name}.socket").read_text():
            yield f"{name}: another FileDescriptorName"
    for tool, file in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
        if not shutil.which(tool):
            continue
        empty = root / "empty"
        (empty / "etc").mkdir(parents=True, exist_ok=True)
        command = [tool, f"--root={empty}", *(["--create"] if tool == "systemd-tmpfiles" else []),
                   root / "lib" / file / "connectsphere.conf"]
        said = subprocess.run(command, capture_output=True, text=True)
        # Only root may make users and give files away; a line that is not understood is named with its number.
        if "connectsphere.conf:" in said.stderr and (os.geteuid() == 0 or "Unknown" in said.stderr):
            yield said.stderr


def main():
    what, build = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if what == "units" and not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not installed")
        return 77
    with tempfile.TemporaryDirectory() as root:
        faults = list({"layout": layout, "units": units}[what](build, pathlib.Path(root)))
    for fault in faults:
        print(fault)
    print(f"{what}: {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
