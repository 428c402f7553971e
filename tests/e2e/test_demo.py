#!/usr/bin/env python3
"""`make demo` keeps its promise: exit code 0, a report without a complaint."""
import subprocess
import sys
import unittest

from harness import ROOT


class DemoTest(unittest.TestCase):
    def test_the_demonstration_succeeds(self):
        run = subprocess.run([sys.executable, ROOT / "tests" / "e2e" / "demo.py"], capture_output=True, text=True, timeout=100)
        print(run.stdout, run.stderr)
        self.assertEqual(run.returncode, 0)


if __name__ == "__main__":
    unittest.main()
