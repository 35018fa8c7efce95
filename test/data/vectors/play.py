#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays raw messages against examples/echo-server and counts the verdicts:
whole and one byte a write, by libseed's own route, by a lent evhttp callback,
and by TLS. Every case of the must tier is a test; so is, once a run, that
99 % of the strict tier pass, that nothing is unsafe, and that the server is
alive and ends in order afterwards. evhttp.jsonl is played unless other files
are named; run.py judges."""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))

# Cases whose verdict in the files is not what the RFCs ask: id, and why.
HELD_WRONG = {
    # RFC 9112 3.2.1: no fragment in a target; target-fragment refuses it in
    # the same tier. docs/decisions/0002.
    "llhttp-uri-08": "wants a fragment in the target accepted",
}

WAYS = {"native": [], "lent": ["--lent"], "tls": ["--tls"]}


class Echo:
    """An echo-server on a free port."""

    def __init__(self, flags):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "examples/echo-server"), "--host",
             "127.0.0.1", "--port", "0", *flags],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)", line)
        if not found:
            sys.exit(f"echo-server printed {line!r}, no URL with a port")
        self.port = found[1]

    def end(self):
        """Stops the server; what is wrong with its end, or None."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "the server does not stop"
        return None if status == 0 else f"the server ended with {status}"


def play(flags, split, files):
    """Rows of run.py ({id, verdict, tier}) and what is wrong at large."""
    echo = Echo(flags)
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        judge = subprocess.run(
            [sys.executable, "-B", os.path.join(HERE, "run.py"), "127.0.0.1",
             echo.port, *files, "-j", "16", "--json", out.name,
             *(["--split"] if split else []),
             *(["--tls"] if "--tls" in flags else [])],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        wrong = echo.end()
        if judge.returncode:
            print(judge.stdout)
            return [], wrong or "run.py failed"
        return json.load(open(out.name, encoding="utf-8")), wrong


def count(way, rows, wrong, verbose):
    """Passed and failed tests of one run; prints the failed ones."""
    rows = [row for row in rows if row["id"] not in HELD_WRONG]
    must = [row for row in rows if row["tier"] == "must"]
    strict = [row for row in rows if row["tier"] == "strict"]
    missed = [row for row in must if row["verdict"] != "pass"]
    missed += [row for row in rows if row["tier"] != "must" and
               row["verdict"] in ("unsafe", "dead")]
    soft = [row for row in strict if row["verdict"] != "pass"]

    passed = len(must) - sum(row["tier"] == "must" for row in missed)
    failed = len(missed)
    laws = {"99 % of the strict tier": len(soft) * 100 <= len(strict),
            "an orderly end": not wrong, "any must case": bool(must)}
    passed += sum(laws.values())
    failed += len(laws) - sum(laws.values())

    print(f"  {way:14s} must {len(must) - len(missed)} of {len(must)}, "
          f"strict {len(strict) - len(soft)} of {len(strict)}")
    for row in missed + (soft if verbose or not
                         laws["99 % of the strict tier"] else []):
        print(f"    {row['verdict']}: {row['id']} ({row['tier']})")
    for law, held in laws.items():
        if not held:
            print(f"    FAILED: {law} {wrong or ''}")
    return passed, failed


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("files", nargs="*",
                       default=[os.path.join(HERE, "evhttp.jsonl")])
    asked.add_argument("--whole", action="store_true", help="only whole")
    asked.add_argument("--split", action="store_true", help="only bytewise")
    asked.add_argument("--way", choices=WAYS, action="append")
    asked.add_argument("-v", dest="verbose", action="store_true")
    asked = asked.parse_args()

    ways = [False] * (not asked.split) + [True] * (not asked.whole)
    passed = failed = 0
    for way in asked.way or WAYS:
        for split in ways:
            rows, wrong = play(WAYS[way], split, asked.files)
            good, bad = count(f"{way} {'split' if split else 'whole'}", rows,
                              wrong, asked.verbose)
            passed, failed = passed + good, failed + bad
    print(f"vectors: {passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
