#!/usr/bin/env python3
"""The manual pages and the completion know every command, option and configuration key that the programs know.

    cli_docs_test.py man BUILD_DIR          every option of --help and every key of proto/config.proto has its place
    cli_docs_test.py groff BUILD_DIR        groff has nothing to say; exit code 77 (skipped) where it is missing
    cli_docs_test.py bash|zsh BUILD_DIR     what the completion offers is what --help shows; 77 where the shell is missing
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAN = ROOT / "deploy/man"
OPTION = re.compile(r"^ +(?:-[A-Za-z], ?)?--([a-z][a-z-]*)", re.M)


def help_of(*command):
    return subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout


def commands_of(text):
    part = re.search(r"^Subcommands:\n((?:  .*\n)*)", text, re.M)
    return re.findall(r"^  ([a-z][a-z-]*)", part.group(1), re.M) if part else []


def client(build):
    """(command, options), the program itself as the command ''."""
    program = build / "bin/connectsphere"
    text = help_of(program)
    yield "", OPTION.findall(text)
    for command in commands_of(text):
        yield command, OPTION.findall(help_of(program, command))


def documents(page, option):
    return re.search(rf"Fl -{option}(?![a-z-])", page)


def man(build):
    page = (MAN / "connectsphere.1").read_text()
    for command, options in client(build):
        if command and f"\n.It Cm {command}" not in page:
            yield f"connectsphere.1 lacks the command {command}"
        for option in options:
            if not documents(page, option):
                yield f"connectsphere.1 lacks --{option}"
    page = (MAN / "connectsphere-gui.1").read_text()
    window = build / "bin/connectsphere-gui"  # not built where Qt is missing
    for option in OPTION.findall(help_of(window)) if window.exists() else []:
        if not documents(page, option):
            yield f"connectsphere-gui.1 lacks --{option}"
    page = (MAN / "connectsphere-services.8").read_text()
    for option in OPTION.findall(help_of(build / "bin/cs-gateway")):
        if not documents(page, option):
            yield f"connectsphere-services.8 lacks --{option}"
    page = (MAN / "connectspherectl.8").read_text()
    text = subprocess.run([ROOT / "deploy/connectsphere", "help"], capture_output=True, text=True, check=True).stdout
    for option in re.findall(r"--([a-z-]+)", text):
        if not documents(page, option):
            yield f"connectspherectl.8 lacks --{option}"
    for command in re.findall(r"^  ([a-z]+) .* {2,}", text, re.M):
        if f"\n.It Cm {command}" not in page:
            yield f"connectspherectl.8 lacks the command {command}"
    yield from keys()


def keys():
    sections = {part.split("\n", 1)[0]: part for part in re.split(r"\n\.S[sh] ", (MAN / "connectsphere.conf.5").read_text())}
    schema = (ROOT / "proto/config.proto").read_text()
    section = "Top level"
    count = 0
    for line in schema.splitlines():
        if opened := re.match(r" +message (\w+) \{", line):
            section = opened.group(1).lower()
        elif line.startswith("  }"):
            section = "Top level"
        elif field := re.match(r" +(?:optional|repeated) \w+ (\w+) =", line):
            count += 1
            if f"\n.It Ic {field.group(1)}\n" not in sections.get(section, ""):
                yield f"connectsphere.conf.5 lacks {section} {field.group(1)}"
    if count < 20:
        yield "proto/config.proto was not understood"


def groff(_):
    for page in sorted(MAN.iterdir()):
        said = subprocess.run(["groff", "-mandoc", "-ww", "-z", "-Tutf8", page], capture_output=True, text=True)
        yield from said.stderr.splitlines()


BASH = """
source "$1"
shift
COMP_WORDS=(connectsphere "$@") COMP_CWORD=$#
_connectsphere
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The words that _describe would show; it itself works only inside of a line that is edited.
ZSH = """
source "$1"
shift
_describe() { [[ $1 == -o ]] && shift; local list=$2; print -rl -- "${(@)${(@P)list}%%:*}" }
_files() { : }
words=(connectsphere "$@") CURRENT=$((${#} + 1)) PREFIX=${@[-1]}
_connectsphere
"""


def completion(build, shell, script, file):
    def offered(*words):
        environment = {**os.environ, "PATH": f"{build / 'bin'}:{os.environ['PATH']}"}
        said = subprocess.run([shell, "-c", script, shell, ROOT / "deploy/completion" / file, *words], capture_output=True, text=True,
                              env=environment)
        if said.stderr:
            print(f"{words}: {said.stderr}")
        return sorted(said.stdout.split())

    known = dict(client(build))
    if offered("") != sorted(name for name in known if name):
        yield f"commands: {offered('')}"
    for command, options in known.items():
        words = [command, "--"] if command else ["--"]
        if offered(*words) != sorted(f"--{name}" for name in options):
            yield f"{command or 'connectsphere'}: {offered(*words)} instead of {options}"
    if shell == "bash" and offered("join", "--video-in", "p") != ["pattern"]:
        yield "--video-in does not know its values"


def main():
    what, build = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if what != "man" and not shutil.which(what):
        print(f"skipped: {what} is not installed")
        return 77
    checks = {"man": man, "groff": groff,
              "bash": lambda b: completion(b, "bash", BASH, "connectsphere.bash"),
              "zsh": lambda b: completion(b, "zsh", ZSH, "_connectsphere")}
    faults = list(checks[what](build))
    for fault in faults:
        print(fault)
    print(f"{what}: {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
