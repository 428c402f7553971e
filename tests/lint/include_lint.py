#!/usr/bin/env python3
"""Rules that a compiler does not know (docs/development.md, "Rooms"). Fails with file:line and the rule that is broken:

- a room includes only the rooms that it may;
- a third-party header stands only in the files named for it;
- engines and the pure libraries know no clock, thread or lock;
- tests do not sleep, except those of tests/e2e, where time is real;
- no path of a developer's machine.

    include_lint.py [--root DIR]   check the tree
    include_lint.py --self-test    plant one breach of each rule in a small tree and see it found
"""
import argparse
import pathlib
import re
import sys
import tempfile

# Room -> the rooms that it may include beside itself. The longest prefix of a file's path is its room.
ALLOWED = {
    "lib/base": [],
    "lib/wire": ["lib/base"],
    "lib/media": ["lib/base", "lib/wire"],
    "lib/net": ["lib/base"],
    "lib/client": ["lib/base", "lib/wire", "lib/media", "lib/net", "proto"],
    "services/common": ["lib/base", "lib/wire", "lib/media", "lib/net", "proto"],
    "client-cli": ["lib/base", "lib/wire", "lib/media", "lib/net", "lib/client", "proto"],
    "client-gui": ["lib/base", "lib/wire", "lib/media", "lib/net", "lib/client", "proto"],
}
# Every other folder of services/ is a service; it never includes another one.
SERVICE_ALLOWED = ["lib/base", "lib/wire", "lib/media", "lib/net", "services/common", "proto"]

# Third-party header (a prefix) -> the files that may include it, as patterns of pathlib.PurePath.match.
THIRD_PARTY = {
    "zmq": ["services/common/bus.*"],
    "opus/": ["lib/media/opus*"],
    "pulse/": ["lib/client/pulse_audio.cpp"],
    "xcb/": ["lib/client/x11_*"],
    "webrtc/": ["lib/media/voice_processing.cpp"],
    "speex/": ["lib/media/resampler.cpp"],
    "zstd.h": ["lib/media/tile_codec.cpp", "lib/client/screen_cursor.cpp"],
    "turbojpeg.h": ["lib/media/jpeg_codec*"],
    "libavformat/": ["lib/client/video_recording.cpp"],
    "vpx/": ["lib/media/vp8_codec*"],
    "wels/": ["lib/media/h264_codec*"],
    "openssl/": ["lib/wire/srtp*", "lib/wire/sha256.cpp", "lib/net/openssl.hpp", "lib/net/tls*", "lib/net/certificate*", "services/common/entropy.cpp",
                 "services/common/digest.cpp", "services/common/password*"],
    "gnutls/": ["lib/wire/srtp_gcm.cpp"],
    "srtp2/": ["lib/wire/srtp*"],
    "opencv2/": ["lib/client/camera*", "lib/client/captured_picture.*", "lib/client/video_file.cpp", "lib/client/screen_generator.cpp",
                 "lib/client/screen_input.cpp", "lib/client/screen_mat.hpp", "client-gui/painter.*",
                 "client-gui/pictures.*", "client-gui/window.cpp"],
    "Q": ["client-gui/window.cpp", "client-gui/window_events.*"],
    "cairo": ["client-gui/painter.*", "client-gui/icons.*"],
    "pango/": ["client-gui/text_layouts.*"],
    "google/protobuf/": ["services/common/config.cpp", "services/gateway/routing.*", "services/gateway/routes.*"],
    "CLI/": ["services/common/command_line.*", "client-cli/main.cpp", "client-cli/command_line*",
             "client-gui/main.cpp"],
    "httplib.h": ["services/status/http_server.cpp"],
    "spdlog/": ["services/common/log.cpp"],
    "fmt/": ["services/common/log.cpp"],
    "nlohmann/": ["services/status/status_json.cpp", "client-cli/report_json*", "client-cli/status_text.cpp",
                  "client-gui/report.cpp"],
    "prometheus/": ["services/status/prometheus.cpp"],
    "sqlite3.h": ["services/common/database.*", "services/signaling/store.*", "services/signaling/database.*",
                  "services/file-store/index.*"],
    "systemd/": ["services/common/lend.cpp", "services/common/service.cpp", "services/common/shell.cpp"],
    "histedit.h": ["client-cli/line_editor.*"],
    "editline/": ["client-cli/line_editor.*"],
}
UNISTRING = re.compile(r"uni(str|norm|case|ctype|width|gbrk|wbrk)\.h$")

CPP = {".hpp", ".cpp"}
TEXT = CPP | {".md", ".txt", ".cmake", ".proto", ".py", ".sh", ".conf", ".json", ".service", ""}
FOLDERS = ["lib", "services", "client-cli", "client-gui", "proto", "tests", "deploy", "docs", "cmake", ".ci"]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\b(clock_gettime|gettimeofday)\s*\(")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
MACHINE_PATHS = re.compile("|".join(re.escape(word) for word in ("/wo" "rk/", "../sha" "red", "/ro" "ot/")))
LONG_FILE = 400  # lines; only reported


def room_of(path):
    parts = path.split("/")
    if parts[0] in ("lib", "services") and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def is_pure(path):
    """Engines and the libraries below them: given the time, never asking for it."""
    if room_of(path) in ("lib/base", "lib/wire", "lib/media"):
        return True
    return path.startswith("services/") and pathlib.PurePath(path).stem.endswith("_engine")


def include_faults(path, kind, header):
    room = room_of(path)
    if kind == '"':
        target = room_of(header)
        allowed = ALLOWED.get(room, SERVICE_ALLOWED)
        if is_pure(path) and target == "lib/net":
            yield "an engine or pure library includes lib/net"
        elif target != room and "/" in header and target not in allowed:
            yield f"{room} may not include {target}"
        return
    if is_pure(path) and header in ("thread", "mutex", "shared_mutex", "condition_variable", "future"):
        yield f"an engine or pure library includes <{header}>"
    for prefix, places in THIRD_PARTY.items():
        if header.startswith(prefix) and not any(pathlib.PurePath(path).match(place) for place in places):
            yield f"<{header}> may stand only in {', '.join(places)}"
    if UNISTRING.search(header) and "text" not in pathlib.PurePath(path).stem:
        yield f"<{header}> may stand only in files named text*"


def line_faults(path, line):
    code = line.split("//")[0]
    include = INCLUDE.match(line)
    if include and not path.startswith("tests/"):
        yield from include_faults(path, *include.groups())
    if path.endswith(tuple(CPP)):
        if is_pure(path) and CLOCK.search(code):
            yield "an engine or pure library asks for the time"
        if path.startswith("tests/") and not path.startswith("tests/e2e/") and SLEEP.search(code):
            yield "a test sleeps"
    if MACHINE_PATHS.search(line):
        yield "a path of somebody's machine"


def files_of(root):
    for path in sorted(root.iterdir()):
        if path.is_file() and path.suffix in TEXT and path.name != ".git":
            yield path
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and path.suffix in TEXT and not name.startswith(("tests/fuzz/corpus/", "tests/data/")):
                yield path


def check(root):
    """Returns (faults, notes, how many files were read)."""
    faults, notes, count = [], [], 0
    for path in files_of(root):
        name = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        count += 1
        if path.suffix in CPP and len(lines) > LONG_FILE:
            notes.append(f"{name}: {len(lines)} lines; is it one idea?")
        for number, line in enumerate(lines, 1):
            faults += [f"{name}:{number}: {fault}" for fault in line_faults(name, line)]
    return faults, notes, count


def self_test():
    breaches = {
        "lib/base/a.hpp": '#include "lib/wire/frame.hpp"',
        "lib/wire/a.hpp": '#include "lib/media/opus.hpp"',
        "lib/net/a.cpp": '#include "lib/wire/frame.hpp"',
        "lib/media/a.cpp": "auto t = std::chrono::steady_clock::now();",
        "lib/client/a.cpp": '#include "services/common/bus.hpp"',
        "client-cli/a.cpp": '#include "services/common/config.hpp"',
        "services/status/a.cpp": '#include "services/signaling/rooms.hpp"',
        "services/common/a.cpp": "#include <zmq.hpp>",
        "services/common/b.cpp": '#include "services/status/page.hpp"',
        "services/signaling/signaling_engine.cpp": "#include <mutex>",
        "services/video-relay/relay_engine.cpp": '#include "lib/net/loop.hpp"',
        "tests/unit/a_test.cpp": "std::this_thread::sleep_for(1ms);",
        "docs/a.md": "see /wo" "rk/somewhere",
    }
    innocent = {
        "services/common/bus.cpp": '#include <zmq.hpp>\n#include "lib/net/loop.hpp"\n#include "proto/bus.pb.h"',
        "services/status/main.cpp": '#include "services/common/service.hpp"\n#include "services/status/page.hpp"',
        "lib/media/opus.cpp": '#include <opus/opus.h>\n#include "lib/base/bytes.hpp"\n// steady_clock::now() is not asked',
        "tests/e2e/a_test.cpp": "sleep(1);",
        "tests/unit/b_test.cpp": '#include "services/status/page.hpp"',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**breaches, **innocent}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n", encoding="utf-8")
        found = {fault.split(":")[0] for fault in check(root)[0]}
    missed, wrong = set(breaches) - found, found - set(breaches)
    for name in sorted(missed):
        print(f"not found: {name}: {breaches[name]}")
    for name in sorted(wrong):
        print(f"wrongly found: {name}")
    print(f"self-test: {len(breaches) - len(missed)} of {len(breaches)} breaches found, {len(wrong)} wrong")
    return 1 if missed or wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    faults, notes, count = check(options.root)
    for note in notes:
        print(f"note: {note}")
    for fault in faults:
        print(fault)
    print(f"lint: {count} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
