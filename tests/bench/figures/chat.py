"""Chat in large rooms: how fast people come in, how soon a message is everywhere, what a member costs in memory."""
import time

from . import Figure

FIGURES = [
    Figure("chat.fanout200.p99", "ms", aim=100, what="until the last of 200 members has a message; floor: a bare TLS server"),
    Figure("chat.fanout1000.p99", "ms", aim=100, what="until the last of 1,000 members has a message"),
    Figure("chat.joins_cost", "ms", aim=5, what="wall time per join, 1,000 into one room, clients on the same machine; 5 ms are 200/s; floor: TLS alone"),
    Figure("chat.joins_cpu", "ms", aim=5, what="CPU per join of the busiest service, 1,000 into one room: what bounds joins where clients have their own cores"),
    Figure("chat.member.cpu", "ms a second", what="CPU of all services per idle member, 1,000 in one room"),
    Figure("chat.member.rss", "KiB", aim=100, what="memory of all services per idle member, 1,000 in one room"),
    Figure("chat.back200", "ms", aim=3000, what="gateway killed: until the last of 200 members is back as who it was"),
    Figure("chat.back1000", "ms", what="the same with 1,000 members, all of one address"),
]
MESSAGES = 30
IDLE_SECONDS = 4
LINGER_SECONDS = IDLE_SECONDS + 2  # while the members' memory and idle time are counted


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for members in 200, 1000:
            if not wanted(f"chat.back{members}"):
                continue
            with bench.server() as server:
                end = bench.load("load_return", server=server, members=members, at_begin=lambda: server.crash("gateway")).end
            result.add(f"chat.back{members}", end["last_ms"],
                       note=f"half of them {end['half_ms']:.0f} ms; {end['tries']:.0f} connections broke; {end['as_new']:.0f} lost their place")
        if not any(wanted(key) for key in ("chat.fanout", "chat.joins", "chat.member")):
            continue
        for members in 200, 1000:
            if not wanted(f"chat.fanout{members}") and members != 1000:
                continue
            with bench.server() as server:
                empty = server.pss()
                full, idle = [], []

                def at_end():
                    full.append(server.pss())
                    before = server.cpu_by_process()
                    time.sleep(IDLE_SECONDS)
                    idle.append(sum(server.cpu_by_process().values()) - sum(before.values()))

                end = bench.load("load_chat", server=server, members=members, messages=MESSAGES, linger=LINGER_SECONDS,
                                 at_end=at_end).end
            result.add(f"chat.fanout{members}.p99", end["p99"], floor=end["floor_p99"], note=f"half of them: {end['p50']:.1f} ms; clients on the same machine")
            if members == 1000:
                result.add("chat.joins_cost", 1000 / end["joins_per_second"], floor=end["floor_join_ms"], note=f"{end['joins_per_second']:.0f} joins/s")
                result.add("chat.member.rss", (full[0] - empty) / members / 1024)
                result.add("chat.member.cpu", 1000 * idle[0] / members / IDLE_SECONDS)
        if wanted("chat.joins_cpu"):
            with bench.server() as server:
                run = bench.load("load_chat", server=server, members=1000, messages=0)
            _, cpu = max(run.cpu_by_process.items(), key=lambda one: one[1])
            result.add("chat.joins_cpu", 1000 * cpu / 1000,
                       note=", ".join(f"{name} {1000 * cpu / 1000:.2f}" for name, cpu in run.cpu_by_process.items() if cpu > 0.05))
