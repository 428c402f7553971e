"""The file plane, over TLS, through the real store in this machine's memory (/dev/shm), so no disk is in any figure; beside it nginx doing the same."""
import pathlib

from . import Figure, file_peers, many_files

FIGURES = [
    Figure("file.down.rate", "s/GB", aim=1 / 0.98, what="one download of 1 GiB; floor: bare TLS, from memory; peer: nginx, GET"),
    Figure("file.down.cpu", "CPU s/GB", aim=1.1, what="the same, all services; floor and peer: theirs"),
    Figure("file.down.of_nginx", "of its time", aim=1 / 0.9, what="the same, against nginx in the same run"),
    Figure("file.up.rate", "s/GB", aim=1 / 0.503, what="one upload of 1 GiB, hashed and in the store (its disk is /dev/shm); floor: bare TLS, to nowhere; peer: nginx, PUT"),
    Figure("file.up.cpu", "CPU s/GB", aim=2.1, what="the same, all services; floor and peer: theirs, without a hash"),
    Figure("file.up.of_nginx", "of its time", aim=1 / 0.8, what="the same, against nginx in the same run"),
    Figure("file.down8.rate", "s/GB", what="eight downloads of 128 MiB at once, together"),
    Figure("file.up8.rate", "s/GB", what="eight uploads of 128 MiB at once, together"),
    Figure("file.transfer.rss", "KiB", aim=1024, what="memory of the file store per transfer, eight downloads"),
    Figure("file.first_byte", "ms", what="from BeginDownload to the first data"),
    Figure("file.list100k", "ms", aim=50, what="a list of 100,000 files, page after page, until the client has the last"),
    Figure("file.resume.again", "KiB", aim=1024, what="an upload whose connection goes half-way: bytes sent a second time"),
    Figure("call.audio_under_files.tick.p99", "ms", aim_of_floor=lambda bare: bare + 4,
           what="how late the mixer's ticks are while 10 downloads and 10 uploads run; floor: bare timer beside it"),
    Figure("chat.under_files.p99", "ms", aim=50, what="until the last of 20 has a message, while 10 downloads and 10 uploads run"),
]
MEBIBYTES = 1024
MEMORY = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
CALL_SECONDS = 21  # the mixer's lateness is that of its last 1,024 ticks


def resident_kib(server):
    with open(f"/proc/{server.processes['file-store'].pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for way in "down", "up":
            if any(wanted(f"file.{way}.{what}") for what in ("rate", "cpu", "of_nginx")) or way == "down" and wanted("file.first_byte"):
                one(bench, result, way)
            if wanted(f"file.{way}8") or way == "down" and wanted("file.transfer"):
                eight(bench, result, way)
        if wanted("file.list100k"):
            with bench.server(root=MEMORY, prepare=many_files.prepare) as server:
                end = bench.load("load_files", server=server, way="list").end
            result.add("file.list100k", end["ms"], note=f"{end['files']:.0f} files came")
        if wanted("file.resume"):
            with bench.server(root=MEMORY) as server:
                result.add("file.resume.again", bench.load("load_files", server=server, way="resume", mebibytes=256).end["again"] / 1024)
        if wanted("call.audio_under_files") or wanted("chat.under_files"):
            beside_a_call(bench, result)


def one(bench, result, way):
    with bench.server(root=MEMORY) as server:
        load = bench.load("load_files", server=server, way=way, mebibytes=MEBIBYTES)
        identity = server.folder / "state" / "tls" / "identity.pem"
        peer = file_peers.nginx(bench, way, MEBIBYTES, identity, MEMORY)
    floor = file_peers.floor(bench, way, MEBIBYTES)
    time, cpu = file_peers.per_gigabyte(load)
    key = f"file.{way}"
    peer_time, peer_cpu = peer or (None, None)
    note = f"{1000 / time:.0f} MB/s; bare TLS {1000 / floor[0]:.0f}; "
    result.add(f"{key}.rate", time, floor=floor[0], peer=peer_time,
               note=note + (f"nginx {1000 / peer_time:.0f}" if peer else file_peers.MISSING))
    result.add(f"{key}.cpu", cpu, floor=floor[1], peer=peer_cpu)
    if peer:
        result.add(f"{key}.of_nginx", time / peer_time)
    if way == "down":
        result.add("file.first_byte", load.end["first_byte_ms"])


def eight(bench, result, way):
    memory = {}
    with bench.server(root=MEMORY) as server:
        load = bench.load("load_files", server=server, way=way, transfers=8, mebibytes=MEBIBYTES // 8,
                          at_begin=lambda: memory.update(before=resident_kib(server)),
                          at_end=lambda: memory.update(after=resident_kib(server)))
    time, _ = file_peers.per_gigabyte(load)
    result.add(f"file.{way}8.rate", time, note=f"{1000 / time:.0f} MB/s")
    if way == "down":
        result.add("file.transfer.rss", max(0, memory["after"] - memory["before"]) / 8)


def beside_a_call(bench, result):
    """Three talk and twenty chat while ten downloads and ten uploads run, for as long as the mixer remembers its ticks."""
    voices = ",".join(str(bench.data / f"voice_{name}.wav") for name in ("jfk", "reader1", "reader2"))
    seen = {}
    with bench.server(root=MEMORY) as server:
        def at_begin():  # of the transfers
            timer = bench.start("floor_timer", seconds=CALL_SECONDS)
            call = bench.start("load_audio", server=server, members=3, talkers=3, seconds=CALL_SECONDS, voices=voices, linger=4,
                               at_end=lambda: seen.update(figures=server.metrics_after_beat()))
            seen["chat"] = bench.load("load_chat", server=server, members=20, messages=200).end
            call.finish()
            seen["timer"] = timer.finish().end

        moved = bench.load("load_files", server=server, way="busy", transfers=20, mebibytes=64, seconds=CALL_SECONDS + 14,
                             at_begin=at_begin).end["files"]
    late = seen["figures"]['connectsphere_audio_tick_lateness_seconds{service="audio-mixer",quantile="0.99"}']
    note = f"{64 * moved / (CALL_SECONDS + 14):.0f} MiB/s of files beside it"
    result.add("call.audio_under_files.tick.p99", 1000 * late, floor=seen["timer"]["p99"], note=note)
    result.add("chat.under_files.p99", seen["chat"]["p99"], floor=seen["chat"]["floor_p99"], note=note)
