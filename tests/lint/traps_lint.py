#!/usr/bin/env python3
"""Every known trap of systems of this kind, W1 to W25, has a test that carries its number in its name.

    traps_lint.py           fails, naming the traps without a test
    traps_lint.py --list    the tests of each
"""
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
TRAPS = range(1, 26)
NAMES = {".cpp": re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)'), ".py": re.compile(r"def (test_\w+)")}


def tests():
    """(file, name) of every test."""
    for path in sorted(TESTS.rglob("*")):
        if path.suffix in NAMES and path.is_file():
            for found in NAMES[path.suffix].finditer(path.read_text()):
                yield path.relative_to(TESTS), found[1].strip('"')


def main():
    of_trap = {trap: [] for trap in TRAPS}
    for path, name in tests():
        for number in re.findall(r"(?<![A-Za-z0-9])[Ww](\d+)(?![0-9])", name.replace("_", " ")):
            if int(number) in of_trap:
                of_trap[int(number)].append(f"{path}: {name}")
    if sys.argv[1:] == ["--list"]:
        for trap, found in of_trap.items():
            print(f"W{trap}", *found, sep="\n    ")
    missing = [f"W{trap}" for trap, found in of_trap.items() if not found]
    if missing:
        sys.exit(f"no test carries the number of {', '.join(missing)} in its name")


if __name__ == "__main__":
    main()
