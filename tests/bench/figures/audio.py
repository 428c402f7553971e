"""The audio plane: three talk with real voices, everybody else is muted and only reports."""
from . import Figure

CPU = "CPU a participant; complexity 5, 3 talk; floor: libopus alone, one shared encode"
FIGURES = [
    Figure("audio.cpu.n10.talk3", "ms per participant-second", what=CPU),
    Figure("audio.cpu.n50.talk3", "ms per participant-second", aim=1.6, what=CPU),
    Figure("audio.cpu.n100.talk3", "ms per participant-second", aim=1.6, what=CPU),
    Figure("audio.cpu.n200.talk3", "ms per participant-second", aim=1.6, what=CPU),
    Figure("audio.cpu.n50.all", "ms per participant-second", aim=3, what="CPU a participant; everybody talks, 6 are mixed; floor: one encode for all"),
    Figure("audio.ear.p50", "ms", aim=60, what="capture callback to playback callback, two real clients"),
    Figure("audio.ear.p99", "ms", aim=100, what="the same, the slowest of 100"),
    Figure("audio.loss10.concealed.fec", "% of the spoken frames", what="guessed at 10 % random loss, with FEC"),
    Figure("audio.loss10.concealed.nofec", "% of the spoken frames", what="guessed at 10 % random loss, without"),
    Figure("audio.tick.late.p99", "ms", aim_of_floor=lambda bare: bare + 2, what="how late the mixer's ticks are; floor: bare timer"),
]
TALKERS = 3
COMPLEXITY, BITRATE = 5, 48000  # the server's defaults
TICK_WINDOW_SECONDS = 21  # the mixer's lateness is that of its last 1,024 ticks


def measure(bench, wanted, result):
    voices = ",".join(str(bench.data / f"voice_{name}.wav") for name in ("jfk", "reader1", "reader2"))
    sizes = {10: 12, 50: TICK_WINDOW_SECONDS, 100: 12, 200: 12}  # members: seconds
    if wanted("audio.loss10.concealed.fec") or wanted("audio.loss10.concealed.nofec"):
        concealed = bench.load("load_loss", voice=bench.data / "voice_reader1.wav").end
        result.add("audio.loss10.concealed.fec", concealed["fec"])
        result.add("audio.loss10.concealed.nofec", concealed["nofec"])
    for _ in range(bench.runs):
        if wanted("audio.ear.p50") or wanted("audio.ear.p99"):
            mouth_to_ear(bench, result)
        if wanted("audio.cpu.n50.all"):
            one_run(bench, result, "audio.cpu.n50.all", voices, 50, 12, False, talkers=50)
        for members, seconds in sizes.items():
            key = f"audio.cpu.n{members}.talk3"
            gives_lateness = members == 50 and wanted("audio.tick.late.p99")
            if wanted(key) or gives_lateness:
                one_run(bench, result, key, voices, members, seconds, gives_lateness)


def mouth_to_ear(bench, result):
    with bench.server() as server:
        heard = bench.load("load_ear", server=server, seconds=30).end
    result.add("audio.ear.p50", heard["p50_ms"],
               note=f"{heard['ticks']:.0f} ticks; of that the client's jitter buffer {heard['client_buffer_ms']:.1f} ms, round trip "
                    f"{heard['rtt_ms']:.1f} ms; the rest is the mixer's jitter buffer, waiting for ticks, and coding")
    result.add("audio.ear.p99", heard["p99_ms"])


def one_run(bench, result, key, voices, members, seconds, gives_lateness, talkers=TALKERS):
    with bench.server() as server:
        timer = []
        figures = {}

        def at_begin():
            if gives_lateness:
                timer.append(bench.start("floor_timer", seconds=seconds))

        def at_end():
            if gives_lateness:
                figures.update(server.metrics_after_beat())

        run = bench.load("load_audio", server=server, members=members, talkers=talkers, seconds=seconds, voices=voices,
                         linger=4 if gives_lateness else 0, at_begin=at_begin, at_end=at_end)
    floor = bench.load("floor_mix", seconds=10, complexity=COMPLEXITY, bitrate=BITRATE, voices=voices).end["cpu_per_second"]
    parts = ", ".join(f"{name} {1000 * cpu / members / run.seconds:.2f}" for name, cpu in run.cpu_by_process.items() if cpu > 0.02 * run.cpu)
    due = members * 50 * run.seconds
    result.add(key, 1000 * run.cpu / members / run.seconds, floor=1000 * floor / members,
               note=f"{parts}; {100 * run.end['received'] / due:.0f} % of the packets came, {100 * run.end['heard'] / due:.0f} % with a voice")
    if gives_lateness:
        late = figures['connectsphere_audio_tick_lateness_seconds{service="audio-mixer",quantile="0.99"}']
        result.add("audio.tick.late.p99", 1000 * late, floor=timer[0].finish().end["p99"], note="50 participants, 3 talk")
