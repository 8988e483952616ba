#!/usr/bin/python3
"""Counts what make check ran in a build folder: prints "passed failed".

Each test program leaves NAME.trs (automake's verdict) and NAME.log. A log that cmocka wrote says how many tests
there were; any other program counts as one. A program that failed without saying so counts as one failure."""

import glob
import os
import re
import sys


def one(trs):
    with open(trs) as f:
        verdict = re.search(r"^:test-result: (\S+)", f.read(), re.M)
    good = verdict is not None and verdict.group(1) == "PASS"
    if verdict is not None and verdict.group(1) == "SKIP":
        return 0, 0
    try:
        with open(trs[:-4] + ".log", errors="replace") as f:
            text = f.read()
    except OSError:
        text = ""
    passed = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", text, re.M)))
    failed = sum(map(int, re.findall(r"^\[  FAILED  \].*?(\d+) test", text, re.M)))
    if good:
        return max(passed, 1), failed
    return passed, max(failed, 1)


def main():
    names = glob.glob(os.path.join(sys.argv[1], "**", "*.trs"), recursive=True)
    counts = [one(name) for name in names]
    print(sum(p for p, _ in counts), sum(f for _, f in counts) or (0 if counts else 1))


if __name__ == "__main__":
    main()
