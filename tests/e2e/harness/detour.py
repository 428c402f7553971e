"""What stands between clients and the server: a bad network, or somebody who listens."""
import contextlib
import json
import socket
import subprocess
import threading

from .basics import BIN_DIR, UDP_PORTS, stop_process


class TcpForwarder:
    """Passes TCP connections of another address on, byte by byte, and their end too."""

    def __init__(self, listen, target):
        self.target, self.pairs, self.is_open, self.is_cut = target, [], True, False
        self.flows = threading.Event()
        self.flows.set()
        self.captured, self.keep = [], 5000  # chunks, both ways: what somebody on the network sees
        self.listener = socket.create_server(listen)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while self.is_open:
            try:
                client, _ = self.listener.accept()
                if self.is_cut:
                    client.close()
                    continue
                server = socket.create_connection(self.target)
            except OSError:
                continue
            self.pairs += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if len(self.captured) < self.keep:
                    self.captured.append(data)
                self.flows.wait()
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Ends all connections, and every new one, until mend()."""
        self.is_cut = True
        for one in self.pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def freeze(self):
        """Passes nothing on until mend(), and ends nothing."""
        self.flows.clear()

    def mend(self):
        self.is_cut = False
        self.flows.set()

    def close(self):
        self.is_open = False
        self.mend()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.pairs:
            one.close()
        self.thread.join(timeout=5)


class UdpTap:
    """Passes datagrams on unharmed and keeps those of clients, as somebody on the network could."""

    def __init__(self, listen, target, keep=2000):
        self.captured, self.keep = [], keep
        self.target, self.ways = target, {}
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(listen)
        self.front.settimeout(0.2)
        self.is_open = True
        self.threads = [threading.Thread(target=self.upward, daemon=True)]
        self.threads[0].start()

    def upward(self):
        while self.is_open:
            try:
                data, source = self.front.recvfrom(65536)
            except OSError:
                continue
            if source not in self.ways:
                way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                way.connect(self.target)
                way.settimeout(0.2)
                self.ways[source] = way
                thread = threading.Thread(target=self.downward, args=(way, source), daemon=True)
                self.threads.append(thread)
                thread.start()
            if len(self.captured) < self.keep:
                self.captured.append(data)
            with contextlib.suppress(OSError):
                self.ways[source].send(data)

    def downward(self, way, client):
        while self.is_open:
            with contextlib.suppress(OSError):
                self.front.sendto(way.recv(65536), client)

    def close(self):
        self.is_open = False
        for thread in self.threads:
            thread.join(timeout=2)
        for one in (self.front, *self.ways.values()):
            one.close()


class Detour:
    """127.0.0.2 in front of a server: control by TcpForwarder, media as `bad_udp` or `tap` say."""

    ADDRESS = "127.0.0.2"

    def __init__(self, server):
        self.server, self.parts, self.proxies = server, [], {}
        self.tcp("control_port")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in self.parts:
            part.close()

    def tcp_bytes(self):
        """What went over the control connections, in chunks."""
        return [chunk for part in self.tcp_ways() for chunk in part.captured]

    def tcp(self, plane):
        """A TCP plane, too, beside control."""
        port = self.server.ports[plane]
        self.parts.append(TcpForwarder((self.ADDRESS, port), (self.server.address, port)))

    def tcp_ways(self):
        return [part for part in self.parts if isinstance(part, TcpForwarder)]

    def bad_udp(self, *options, planes=UDP_PORTS):
        """Media planes through the project's UDP proxy; said again, another one takes its place."""
        for plane in planes:
            if plane in self.proxies:
                stop_process(self.proxies[plane])
            port = str(self.server.ports[plane])
            process = self.proxies[plane] = self.server.helper(
                [BIN_DIR / "cs-test-udp-proxy", "--address", self.ADDRESS, "--listen", port, "--target", port,
                 "--for", "120s", *options], stdout=subprocess.PIPE, text=True)
            json.loads(process.stdout.readline())

    def tap(self, plane):
        port = self.server.ports[plane]
        self.parts.append(UdpTap((self.ADDRESS, port), (self.server.address, port)))
        return self.parts[-1]
