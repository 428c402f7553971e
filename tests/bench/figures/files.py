"""The file plane: from memory and to nowhere, over TLS, through the real store on this machine's disk."""
from . import Figure

FIGURES = [
    Figure("file.down.rate", "s/GB", aim=1 / 0.98, what="one download of 1 GiB; aim: 0.9 of nginx's TLS rate (1,090 MB/s)"),
    Figure("file.down.cpu", "CPU s/GB", aim=1.1, what="the same, all services"),
    Figure("file.up.rate", "s/GB", aim=1 / 0.503, what="one upload of 1 GiB, hash included; aim: 0.8 of nginx's PUT (629 MB/s)"),
    Figure("file.up.cpu", "CPU s/GB", aim=2.1, what="the same, all services"),
    Figure("file.down8.rate", "s/GB", what="eight downloads of 128 MiB at once, together"),
    Figure("file.up8.rate", "s/GB", what="eight uploads of 128 MiB at once, together"),
    Figure("file.transfer.rss", "KiB", aim=1024, what="memory of the file store per transfer, eight downloads"),
    Figure("file.first_byte", "ms", what="from BeginDownload to the first data"),
]


def resident_kib(server):
    with open(f"/proc/{server.processes['file-store'].pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for way in "down", "up":
            for transfers, suffix in ((1, ""), (8, "8")):
                keys = f"file.{way}{suffix}"
                if not (wanted(keys) or wanted("file.transfer") or wanted("file.first")):
                    continue
                memory = {}
                with bench.server() as server:
                    load = bench.load("load_files", server=server, way=way, transfers=transfers,
                                      mebibytes=1024 // transfers,
                                      at_begin=lambda: memory.update(before=resident_kib(server)),
                                      at_end=lambda: memory.update(after=resident_kib(server)))
                gigabytes = load.end["bytes"] / 1e9
                result.add(f"{keys}.rate", load.end["seconds"] / gigabytes, note=f"{load.end['rate']:.0f} MB/s")
                if not suffix:
                    result.add(f"{keys}.cpu", load.cpu / gigabytes)
                if way == "down" and suffix:
                    result.add("file.transfer.rss", max(0, memory["after"] - memory["before"]) / transfers)
                if way == "down" and not suffix:
                    result.add("file.first_byte", load.end["first_byte_ms"])
