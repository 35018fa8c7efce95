# SPDX-License-Identifier: MIT
"""Flame graphs of the article's servers under load: where their time goes, by
name; and a program that does everything to a profiler that may harm it."""
import json
import os
import re
import subprocess

import pytest
from traces import traces
from wire import SLOW, program

# A sanitizer holds signals back, and stands between a function and its name.
PLAIN = SLOW == 1
SPAN = "span"


class Graph:
    """A recording's JSON, as a tree."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.json = json.load(file)
        self.strings = self.json["strings"]
        self.nodes = self.json["nodes"]

    def name(self, node):
        frame = self.nodes[node][1]
        return self.strings[self.json["frames"][frame][0]] if frame >= 0 \
            else "all"

    def category(self, node):
        frame = self.nodes[node][1]
        return self.json["frames"][frame][4] if frame >= 0 else ""

    def above(self, node):
        """The names from the node's parent to the root."""
        node = self.nodes[node][0]
        while node > 0:
            yield node
            node = self.nodes[node][0]

    def shares(self, of=lambda node: True, column=2):
        """By name, each stack once: what has which part of all time."""
        found = {}
        for number, node in enumerate(self.nodes):
            if number == 0 or not of(number):
                continue
            name = self.name(number)
            if column == 3 and name in map(self.name, self.above(number)):
                continue
            found[name] = found.get(name, 0) + node[column]
        whole = self.nodes[0][3]
        return sorted(((part / whole, name) for name, part in found.items()),
                      reverse=True)


def record(start, mode, path, hertz="249", seconds=4):
    """The graph, and the numbers that the server told."""
    server = start("flamed", mode, hertz, path)
    subprocess.run(["wrk", "-t1", "-c50", f"-d{seconds * min(SLOW, 2)}s",
                    f"{server.url}/seed/v1"], check=True, timeout=120,
                   stdout=subprocess.DEVNULL)
    told = server.end(120)
    numbers = {name: int(value)
               for name, value in re.findall(r"(\w+)=(\d+)", told)}
    return Graph(path), numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("flame")


def test_slow(start, folder):
    graph, numbers = record(start, "slow", str(folder / "slow.json"))
    assert graph.json["dropped"] == numbers["dropped"] == 0
    assert graph.json["samples"] == numbers["samples"] > 0
    assert graph.nodes[0][3] == graph.json["microseconds"]
    if not PLAIN:
        return

    # Samples stand for the CPU time that there was.
    assert numbers["samples"] > 100
    assert abs(numbers["sampled"] / numbers["cpu"] - 1) < 0.03

    # All of it is below main, and the after hook has the most.
    on_stack = dict((name, share) for share, name in graph.shares(column=3))
    assert on_stack["main"] >= 0.95
    assert numbers["complete"] >= 0.95 * numbers["samples"]
    assert graph.json["unwinder"] == "tables"
    spans = graph.shares(lambda node: graph.category(node) == SPAN, column=3)
    names = [name for share, name in spans]
    best = next(name for name in names if not name.startswith("GET "))
    assert re.fullmatch(r"after: store_etag \(slow\.c:\d+\)", best)
    assert on_stack[best] > 0.6
    assert on_stack["store_etag"] > 0.6
    assert "GET /seed/v1" in names
    categories = {graph.category(node) for node in range(len(graph.nodes))}
    assert {"app", "libseed", "libevent", "jansson", "openssl", "libc",
            SPAN} <= categories


def test_fast(start, folder):
    graph, numbers = record(start, "fast", str(folder / "fast.json"))
    assert numbers["samples"] > 0
    if not PLAIN:
        return
    top = graph.shares()
    assert top[0][1].lstrip("_") in ("send", "sendmsg", "libc_send",
                                     "libc_sendmsg"), top[:5]
    assert graph.shares(column=3)[0][0] > 0.95
    on_stack = dict((name, share) for share, name in graph.shares(column=3))
    assert on_stack["main"] >= 0.95
    assert on_stack.get("store_etag", 0) < 0.25  # its hook is mended, not gone


@pytest.mark.parametrize("ending", ["html", "folded", "pb.gz",
                                    "speedscope.json"])
def test_formats(start, folder, ending):
    path = folder / f"any.{ending}"
    server = start("flamed", "fast", "99", str(path))
    for _ in range(50):
        subprocess.run(["curl", "-s", "-o", "/dev/null",
                        f"{server.url}/seed/v1"], check=True, timeout=30)
    server.end(120)
    assert path.stat().st_size > 100 or ending == "folded"


def test_nothing_when_off(start):
    """No signal, no timer, no thread: with a flame graph there are all."""
    server = start("flamed", "fast", "0")
    for _ in range(10):
        server.get("/seed/v1")
    assert traces(server.process.pid) == set()
    watched = start("flamed", "fast", "99")
    watched.get("/seed/v1")
    assert traces(watched.process.pid) == {
        "seed-flame", "timers", "SIGPROF has a handler"}


# .ci/run has two minutes for it, once.
SECONDS = int(os.environ.get("STRESS_SECONDS", "4"))


def test_stress():
    """Threads, forks, libraries and requests come and go while it samples."""
    flags = [str(SECONDS)]
    if not PLAIN:
        flags.append("no-fork")  # sanitizers leave a child their locks
    done = subprocess.run([program("stress"), *flags], capture_output=True,
                          timeout=SECONDS * 2 + 120, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    numbers = {name: int(value) for name, value in
               re.findall(r"(\w+)=(\d+)", done.stdout)}
    assert numbers["failures"] == 0
    assert numbers["threads"] > 10 and numbers["loads"] > 10
    assert numbers["requests"] > 10
    assert numbers["samples"] > 10
    if PLAIN:
        assert numbers["forks"] > 10
        assert numbers["complete"] + numbers["truncated"] >= \
            0.9 * numbers["samples"]
