#!/usr/bin/env python3
"""The status page in headless Chromium, before a real server with real clients: what it shows, that it is live, that it
survives what services and people do, in light and dark, wide and narrow. Leaves pictures of it for eyes.

    status_page_test.py BIN_DIR PICTURES_DIR
"""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile

from chromium import Chromium

BIN, PICTURES = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTILE = "<img src=x onerror=alert(1)>"
failures = 0


def check(what, is_right):
    global failures
    print("ok   " if is_right else "FAIL ", what)
    failures += not is_right


class Server:
    def __init__(self, root):
        self.root = root
        (root / "conf").write_text(f'state_dir: "{root}/state" server_name: "Room 12" listen {{ address: "127.0.0.1" control_port: 0 '
                                   f'screen_port: 0 files_port: 0 video_port: 0 audio_port: 0 status_port: 0 }}\n'
                                   f'limits {{ rooms: 3 }}')
        self.control("up")

    def control(self, *command):
        return subprocess.run([ROOT / "deploy/connectsphere", "--config", self.root / "conf", "--run-dir", self.root / "run", *command],
                              env={**os.environ, "BIN_DIR": str(BIN)}, capture_output=True, text=True).stdout

    def port(self, service, name):
        lines = (self.root / f"run/{service}.ports").read_text().splitlines()
        return dict(line.split() for line in lines)[name]

    def join(self, room, name, *options):
        return subprocess.Popen([BIN / "connectsphere", "join", "--server", f"127.0.0.1:{self.port('gateway', 'control')}", "--room", room,
                                 "--name", name, *options], env={**os.environ, "XDG_STATE_HOME": str(self.root / "client")},
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pid(self, service):
        return int((self.root / f"run/supervisor/{service}.pid").read_text().split()[0])


def has(text):
    return f"document.body.innerText.includes({text!r})"


def row(service, text):
    return f"[...document.querySelectorAll('#services tr')].some(r => r.cells[0].innerText === {service!r} && r.innerText.includes({text!r}))"


def looks(page):
    """Every light and width: nothing is cut off; a picture of each."""
    for scheme in ("light", "dark"):
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width in (1280, 900, 390):
            page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
            check(f"{scheme}, {width} px: nothing is wider than the page",
                  page.ask("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
            wide = page.ask("[...document.querySelectorAll('.card *')].filter(e => e.getClientRects().length && e.closest('.card') && "
                            "e.getBoundingClientRect().right > e.closest('.card').getBoundingClientRect().right + 1 && "
                            "!e.closest('thead')).map(e => e.outerHTML.slice(0, 80)).join()")
            check(f"{scheme}, {width} px: nothing leaves its card {wide}", not wide)
            picture = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
            (PICTURES / f"status-{scheme}-{width}.png").write_bytes(base64.b64decode(picture))
    check("light and dark differ", (PICTURES / "status-light-1280.png").read_bytes() != (PICTURES / "status-dark-1280.png").read_bytes())


def drive(server, page, clients):
    address = f"http://127.0.0.1:{server.port('status', 'status')}"
    page.call("Page.navigate", url=address)
    check("it says that all is well", page.becomes(has("Ready. Every service answers.")))
    check("it carries the server's name", page.becomes("document.title === 'Ready – Room 12'"))
    for service in ("gateway", "signaling", "video-relay", "audio-mixer", "screen-broker", "file-store", "status"):
        check(f"{service} is ready", page.becomes(row(service, "ready")))
    check("rooms and participants stand there", page.becomes(has("2 rooms, 4 participants")))
    check("a name is text, never markup", page.becomes(has(HOSTILE)) and not page.ask("document.querySelector('main img')"))
    check("four plots are drawn", page.becomes("document.querySelectorAll('#plots svg path.first').length === 4"))
    check("media figures are live", page.becomes("/[1-9]\\d* in, \\d+ out \\/s/.test(document.querySelector('#rooms').innerText)"))
    check("limits and how near they are", page.becomes(has("2 of 3")) and page.ask("!!document.querySelector('#limits .bar')"))
    looks(page)
    page.call("Emulation.clearDeviceMetricsOverride")

    clients.pop().terminate()
    check("who leaves goes from the page by itself", page.becomes(has("3 participants")))
    os.kill(server.pid("signaling"), 9)
    check("a restart is counted", page.becomes(row("signaling", "\t1\t")))
    check("and all is well again", page.becomes(has("Ready. Every service answers.")))
    check("it asks nobody but its server", page.requests and all(url.startswith((address, "data:")) for url in page.requests))
    check(f"nothing went wrong in it {page.errors}", not page.errors)

    server.control("down")
    check("when nobody answers it says so", page.becomes(has("The status service does not answer.")))
    check("and that what it shows is old", page.ask("document.body.classList.contains('stale')"))


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = pathlib.Path(folder)
        server, page, clients = Server(root), None, []
        try:
            clients += [server.join("physics", "Ann", "--audio-in", "tone", "--video-in", "pattern"), server.join("physics", "Čeněk"),
                        server.join("office", HOSTILE, "--audio-in", "tone:300"),
                        server.join("office", "Dora_with_a_rather_long_display_name_that_goes_on_and_on")]
            page = Chromium(root / "profile")
            drive(server, page, clients)
        finally:
            if page:
                page.close()
            for client in clients:
                client.terminate()
            server.control("down")
    print(f"pictures: {PICTURES}")
    return failures > 0


sys.exit(main())
