"""What files are compared with: the same bytes over the same TLS, from memory and to nowhere, and through nginx."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from server import free_ports, wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
MISSING = "no peer: nginx is not installed, for Debian starts it as a server at once"
NICE = 5  # as the file store: on a busy machine both wait for the same others
# One worker, as Debian configures it otherwise; TLS as ours.
CONFIG = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {folder}/body;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {identity};
        ssl_certificate_key {identity};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        location / {{
            root {folder}/files;
            dav_methods PUT;
        }}
    }}
}}
"""


class Nginx:
    """`with Nginx(identity, root, mebibytes) as nginx:` serves /file, and takes files by PUT."""

    def __init__(self, identity, root, mebibytes):
        self.identity, self.root, self.mebibytes = identity, root, mebibytes

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectsphere-bench-", dir=self.root))
        (self.folder / "files").mkdir()
        (self.folder / "files").chmod(0o777)
        with open(self.folder / "files" / "file", "wb") as file:
            for _ in range(self.mebibytes):
                file.write(bytes(range(256)) * 4096)
        self.port, = free_ports(socket.SOCK_STREAM)
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=self.folder, port=self.port, identity=self.identity))
        self.process = subprocess.Popen([NGINX, "-c", config, "-p", self.folder], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=lambda: os.nice(NICE))
        try:
            wait_until(self._answers, 5, lambda: "nginx does not start")
        except RuntimeError:
            self.__exit__()
            raise
        return self

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def floor(bench, way, mebibytes):
    """Seconds a GB of a bare TLS server in memory, and its CPU seconds a GB."""
    load = bench.load("load_bulk", way=way, mebibytes=mebibytes)
    return per_gigabyte(load)


def nginx(bench, way, mebibytes, identity, root):
    """The same of nginx; None where it is not installed."""
    if not NGINX:
        return None
    with Nginx(identity, root, mebibytes) as peer:
        load = bench.load("load_bulk", way=way, mebibytes=mebibytes, http=f"127.0.0.1:{peer.port}", pid=peer.process.pid)
        return per_gigabyte(load)


def per_gigabyte(load):
    gigabytes = load.end["bytes"] / 1e9
    return load.end["seconds"] / gigabytes, load.cpu / gigabytes
