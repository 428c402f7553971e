"""Chat in large rooms: how fast people come in, how soon a message is everywhere, what a member costs in memory."""
from . import Figure

FIGURES = [
    Figure("chat.fanout200.p99", "ms", aim=100, what="until the last of 200 members has a message"),
    Figure("chat.fanout1000.p99", "ms", aim=100, what="until the last of 1,000 members has a message"),
    Figure("chat.joins_cost", "ms", aim=5, what="wall time per join, 1,000 into one room, clients on the same machine; 5 ms are 200/s"),
    Figure("chat.member.rss", "KiB", aim=100, what="memory of all services per idle member, 1,000 in one room"),
]
MESSAGES = 30
LINGER_SECONDS = 3  # while the members' memory is counted


def measure(bench, wanted, result):
    for _ in range(bench.runs):
        for members in 200, 1000:
            if not wanted(f"chat.fanout{members}") and members != 1000:
                continue
            with bench.server() as server:
                empty = server.pss()
                full = []
                end = bench.load("load_chat", server=server, members=members, messages=MESSAGES, linger=LINGER_SECONDS,
                                 at_end=lambda: full.append(server.pss())).end
            result.add(f"chat.fanout{members}.p99", end["p99"], note=f"half of them: {end['p50']:.1f} ms; clients on the same machine")
            if members == 1000:
                result.add("chat.joins_cost", 1000 / end["joins_per_second"], note=f"{end['joins_per_second']:.0f} joins/s")
                result.add("chat.member.rss", (full[0] - empty) / members / 1024)
