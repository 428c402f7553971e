"""The real services, as `make run` starts them, on free ports and in a folder of their own; and what they cost."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

SERVICES = ["gateway", "signaling", "video-relay", "audio-mixer", "screen-broker", "file-store", "status"]
READY_TIMEOUT = 10
STOP_TIMEOUT = 5
BEAT_SECONDS = 2  # services report to status at least this often


def cpu_seconds(pid):
    """User and system time of all threads. schedstat counts nanoseconds; /proc/PID/stat only ticks of 10 ms."""
    total = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                total += int(f.read().split()[0])
        return total / 1e9
    except FileNotFoundError:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    raise RuntimeError("the kernel does not tell the PSS")


def wait_until(condition, seconds, complaint):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(complaint())
        time.sleep(0.005)


def free_ports(*kinds):
    """All held at once, so that they differ; given back just before use."""
    held = [socket.socket(socket.AF_INET6, kind) for kind in kinds]
    for s in held:
        s.bind(("::", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Server:
    """`with Server(bin_dir) as server:` every service is up and ready inside."""

    def __init__(self, bin_dir, root=None, prepare=None):
        """`root`: where its folder is made; `prepare(folder)` may put a state there before the start."""
        self.bin_dir, self.root, self.prepare = bin_dir, root, prepare
        self.processes = {}
        self.ready_after = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectsphere-bench-", dir=self.root))
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
        control, screen, files, video, audio, status = free_ports(tcp, tcp, tcp, udp, udp, tcp)
        self.address = f"127.0.0.1:{control}"
        self.status_url = f"http://127.0.0.1:{status}"
        (self.folder / "state").mkdir()
        (self.folder / "run").mkdir(mode=0o700)
        if self.prepare:
            self.prepare(self.folder)
        self.config = self.folder / "connectsphere.conf"
        self.config.write_text(  # everything else at its default
            f'run_dir: "{self.folder}/run"\nstate_dir: "{self.folder}/state"\n'
            f'listen {{ address: "127.0.0.1" control_port: {control} screen_port: {screen} files_port: {files}'
            f' video_port: {video} audio_port: {audio} status_port: {status} }}\n')
        started = time.monotonic()
        for name in SERVICES:
            self._start_one(name)
        wait_until(self._is_ready, READY_TIMEOUT, lambda: "the server does not get ready:\n" + self.logs())
        self.ready_after = time.monotonic() - started

    def _start_one(self, name):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([self.bin_dir / f"cs-{name}", "--config", self.config],
                                                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def crash(self, name):
        """Killed without a warning, and started again at once, as a supervisor does."""
        self.processes[name].kill()
        self.processes[name].wait()
        self._start_one(name)

    def _is_ready(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"cs-{name} ended with {process.returncode}:\n" + self.logs())
        try:
            return urllib.request.urlopen(self.status_url + "/readyz", timeout=1).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _stop(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)

    def logs(self):
        return "".join(f"-- {p.name}\n{p.read_text(errors='replace')[-2000:]}" for p in sorted(self.folder.glob("*.log")))

    def cpu_by_process(self):
        return {name: cpu_seconds(process.pid) for name, process in self.processes.items()}

    def pss(self):
        return sum(pss_bytes(process.pid) for process in self.processes.values())

    def metrics(self):
        text = urllib.request.urlopen(self.status_url + "/metrics", timeout=2).read().decode()
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def metrics_after_beat(self):
        """Of now, not of the last report."""
        time.sleep(BEAT_SECONDS + 0.5)
        return self.metrics()


class Load:
    """A load program or a floor. It says when it begins and ends; in between the CPU time of the server counts (or that of
    the process that it names)."""

    def __init__(self, bin_dir, program, server=None, at_begin=None, at_end=None, **options):
        command = [str(bin_dir / program)]
        if server:
            options["server"] = server.address
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        self.server, self.at_begin, self.at_end = server, at_begin, at_end
        self.cpu_by_process = {}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def finish(self):
        try:
            self._follow()
        finally:
            self.process.kill()
            self.process.wait()
        return self

    def _follow(self):
        self.end = None
        pid = 0
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "begin":
                pid = int(event.get("pid", 0))
                started, before = time.monotonic(), self._cpu(pid)
                if self.at_begin:
                    self.at_begin()
            else:
                if self._measures(pid):
                    after = self._cpu(pid)
                    self.seconds = time.monotonic() - started
                    self.cpu_by_process = {name: after[name] - before[name] for name in after}
                self.end = event
                if self.at_end:
                    self.at_end()
        if self.process.wait() != 0 or self.end is None:
            raise RuntimeError(f"{self.process.args[0]} failed" + ("\n" + self.server.logs() if self.server else ""))

    def _measures(self, pid):
        return self.server is not None or pid != 0

    def _cpu(self, pid):
        if pid:
            return {"floor": cpu_seconds(pid)}
        return self.server.cpu_by_process() if self.server else {}

    @property
    def cpu(self):
        return sum(self.cpu_by_process.values())
