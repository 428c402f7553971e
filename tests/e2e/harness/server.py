"""A server of seven services, each a child of this process."""
import http.client
import json
import re
import subprocess

from .basics import BIN_DIR, SERVICES, WITH_PARENT, Failed, Folder, free_ports, processes_that_name, stop_process, until
from .client import Client

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)(?: \d+)?$')


def parse_metrics(text):
    samples = {}
    for line in text.splitlines():
        if not line or line.startswith("# HELP ") or line.startswith("# TYPE "):
            continue
        found = SAMPLE.match(line)
        if not found:
            raise Failed(f"not Prometheus text format: {line!r}")
        samples[found[1]] = float(found[2])
    return samples


class Server:
    """Seven services, each a child of this process."""

    def __init__(self, config="", services=SERVICES, address="127.0.0.1", start=True):
        self.folder = Folder()
        self.address = address
        self.ports = free_ports(address)
        self.run_dir = self.folder.path / "run"
        self.config_file = self.folder.path / "connectsphere.conf"
        self.config_file.write_text(self.config_text(config))
        self.processes, self.clients, self.helpers = {}, [], []
        self.log_of = {}
        try:
            if start:
                self.start_all(services)
        except BaseException:
            self.end()
            raise

    def config_text(self, more):
        keys = "\n".join(f"  {name}: {port}" for name, port in self.ports.items())
        return (f'server_name: "test"\nstate_dir: "{self.folder.path}/state"\n'
                f'listen {{\n  address: "{self.address}"\n{keys}\n}}\n{more}\n')

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.show_logs()
        self.end(check=kind is None)

    # ---- services

    def start_all(self, services=SERVICES):
        for service in services:
            self.start(service)
        if set(services) == set(SERVICES):
            self.wait_ready()

    def stop_services(self):
        """All of them; leaving the `with` block has nothing left to stop."""
        for service in list(self.processes):
            stop_process(self.processes.pop(service))

    def start(self, service):
        assert service not in self.processes, f"{service} runs"
        log = open(self.folder.path / f"{service}.log", "ab")
        with log:
            self.processes[service] = subprocess.Popen(
                WITH_PARENT + [BIN_DIR / f"cs-{service}", "--config", self.config_file, "--run-dir", self.run_dir],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, service):
        """Without a warning, as a crash would."""
        process = self.processes.pop(service)
        process.kill()
        process.wait()

    def restart(self, service):
        self.kill(service)
        self.start(service)

    def reboot(self):
        """All services at once, as when the machine loses its power."""
        for service in list(self.processes):
            self.processes[service].kill()
        for service in list(self.processes):
            self.kill(service)
        self.start_all()

    def pid(self, service):
        return self.processes[service].pid

    def is_alive(self, service):
        return service in self.processes and self.processes[service].poll() is None

    def log(self, service):
        path = self.folder.path / f"{service}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def show_logs(self):
        for service in SERVICES:
            lines = self.log(service).splitlines()[-15:]
            print(f"---- {service}", *lines, sep="\n", flush=True)
        for client in self.clients:
            client.show()

    # ---- status

    def get(self, path, timeout=3):
        """(status code, body) of the status port; code 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["status_port"], timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def status(self):
        code, body = self.get("/status")
        return json.loads(body) if code == 200 else {}

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def wait_ready(self):
        until(self.is_ready, "every service is ready")

    def metrics(self):
        """{name{labels}: value}, after checking that every line is Prometheus text format."""
        return parse_metrics(self.get("/metrics")[1])

    def metric(self, name, **labels):
        """The sum of all samples of this name with these labels."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        return sum(value for key, value in self.metrics().items()
                   if key.split("{")[0] == name and wanted <= set(re.findall(r'\w+="[^"]*"', key)))

    def wait_metric(self, name, at_least, **labels):
        return until(lambda: self.metric(name, **labels) >= at_least, f"{name} {labels} >= {at_least}", period=0.2)

    # ---- clients and what stands between

    def client(self, name, **options):
        client = Client(self, name, **options)
        self.clients.append(client)
        return client

    def helper(self, command, **options):
        process = subprocess.Popen(WITH_PARENT + command, **options)
        self.helpers.append(process)
        return process

    def end(self, check=True):
        """Stops everything. With `check`: everything must end by itself, with exit code 0, and leave nothing."""
        problems = []
        for client in self.clients:
            client.kill()
        for process in self.helpers:
            try:
                stop_process(process)
            except Failed as failure:
                problems.append(str(failure))
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        for service, process in self.processes.items():
            died = process.poll()
            if died is not None:
                problems.append(f"{service} had ended with code {died}")
                continue
            try:
                if stop_process(process) != 0:
                    problems.append(f"{service} ended with code {process.returncode}")
            except Failed as failure:
                problems.append(str(failure))
        left = processes_that_name(self.folder.path)
        if left:
            problems.append(f"left behind: {left}")
        if check and problems:
            self.show_logs()
        self.folder.remove()
        if check and problems:
            raise Failed("; ".join(problems))
