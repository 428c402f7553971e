#!/usr/bin/env python3
"""docs/protocol.md has a row for every arm of ClientMessage and ServerMessage, with its field number, and for no other."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MESSAGES = ("ClientMessage", "ServerMessage")
ARM = re.compile(r"^\s+\w+ (\w+) = (\d+)(?: \[[^]]*\])?;", re.MULTILINE)
# A row that begins with names in backticks, and then their numbers.
ROW = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \| ([\d, ]+) \|", re.MULTILINE)


def arms_of_schema():
    schema = (ROOT / "proto" / "client.proto").read_text()
    for message in MESSAGES:
        oneof = schema.split(f"message {message} {{", 1)[1].split("oneof arm {", 1)[1].split("\n  }", 1)[0]
        for name, number in ARM.findall(oneof):
            yield name, int(number)


def arms_of_docs():
    for names, numbers in ROW.findall((ROOT / "docs" / "protocol.md").read_text()):
        names, numbers = re.findall(r"`(\w+)`", names), [int(number) for number in numbers.split(",")]
        if len(names) != len(numbers):
            sys.exit(f"docs/protocol.md: as many numbers as names, please: {names} {numbers}")
        yield from zip(names, numbers)


def main():
    schema, docs = list(arms_of_schema()), list(arms_of_docs())
    if len(schema) < 60:
        sys.exit("proto/client.proto is not read as it should be")
    problems = [f"no row for {name} = {number}" for name, number in sorted(set(schema) - set(docs))]
    problems += [f"a row for {name} = {number}, which is no arm" for name, number in sorted(set(docs) - set(schema))]
    if problems:
        sys.exit("docs/protocol.md: " + "; ".join(problems))


if __name__ == "__main__":
    main()
