# SPDX-License-Identifier: MIT
"""What holds in every row of the fault matrix: the server lives on, a client
that does nothing wrong notices nothing, memory and descriptors come back, and
nobody's disk is filled by the log. That there is no sanitizer report and that
the book of `after` balances, Server.end() sees."""
import contextlib
import glob
import os
import re
import threading
import time

from wire import SLOW

PLAIN = not os.environ.get("FLAVOUR")


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def resident(server):
    """Bytes of memory that are the server's now."""
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def heap(server, wire=None):
    """Bytes that the server has been given and not given back."""
    return metric(server, "process_heap_bytes", wire)


def metric(server, name, wire=None):
    """One sample, by name and labels."""
    answer = wire.ask("/metrics") if wire else server.get("/metrics")
    found = re.search("^" + re.escape(name) + r" (\S+)$", answer.text(), re.M)
    assert found, f"no {name}"
    return float(found[1])


def hits(server, limit, wire=None):
    return metric(server, f'seed_limits_total{{limit="{limit}"}}', wire)


def wait_until(what, holds, seconds=5):
    end = time.monotonic() + seconds * SLOW
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


MOST_WAIT = 0.1


def kept_waiting(pid, task="*"):
    """Seconds in which threads could have run and the machine ran others."""
    lost = 0
    for path in glob.glob(f"/proc/{pid}/task/{task}/schedstat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(path, encoding="ascii") as file:
            lost += int(file.read().split()[1])
    return lost / 1e9


class Probe(threading.Thread):
    """A client that asks every 50 ms, on a connection of its own. What it had
    to wait because the machine was busy with others is not the server's."""

    def __init__(self, server, path="/quick", wire=None):
        super().__init__(daemon=True)
        self.server = server
        self.wire = wire or server.connect(timeout=5)
        self.path = path
        self.over = threading.Event()
        self.errors, self.waits = [], []
        assert self.wire.ask(path).status == 200

    def kept_waiting(self):
        return kept_waiting(self.server.process.pid) \
            + kept_waiting("self", threading.get_native_id())

    def run(self):
        while not self.over.wait(0.05):
            before = self.kept_waiting()
            asked = time.monotonic()
            try:
                answer = self.wire.ask(self.path)
                if answer.status != 200:
                    self.errors.append(answer.status)
            except Exception as error:  # Whatever it is, the test says it.
                self.errors.append(repr(error))
                return
            took = time.monotonic() - asked
            self.waits.append(took - (self.kept_waiting() - before))

    def p99(self):
        """What all but one in a hundred waited; of fewer, all but one."""
        return sorted(self.waits)[-1 - max(1, len(self.waits) // 100)]

    def stop(self):
        wait_until("the probe has asked", lambda: len(self.waits) >= 3
                   or self.errors)
        self.over.set()
        self.join(10 * SLOW)


def warm_up(server, probes=0, crowd=64):
    """What a server keeps for the next requests is there before it counts."""
    wires = [server.connect() for _ in range(crowd)]
    for wire in wires:
        wire.request("/quick")
    for wire in wires:
        assert wire.answer().status == 200
        wire.socket.close()
    server.wait_for("warm", lambda book:
                    book["open"] - book["closed"] == 1 + probes)


def causes(log):
    """Lines of the log by what they say, numbers aside."""
    found = {}
    for line in log.splitlines():
        cause = re.sub(r"\d+", "N", line)
        found[cause] = found.get(cause, 0) + 1
    return found


def judge_log(server, seconds):
    for cause, count in causes(server.stderr()).items():
        assert count <= seconds + 2, f"{count} times in {seconds:.1f} s: " \
            + cause


def memory(server):
    """What the kernel has given, and what of it was not given back to malloc:
    that may keep pages between others that are in use. Sanitizers keep what
    they like, and look for leaks themselves."""
    return (resident(server), heap(server)) if PLAIN else (0, 0)


def judge_memory(server, before):
    """Within 5 %, or what the server keeps for its next requests: 4 MiB."""
    def is_back():
        now = memory(server)
        return any(now[i] <= max(before[i] * 1.05, before[i] + (4 << 20))
                   for i in range(2))

    wait_until(f"memory: {memory(server)}, before {before}", is_back)


@contextlib.contextmanager
def restored(server, probes=0, crowd=64):
    """The common pass rule without a client that watches: what was done to a
    server has left it as it was. `probes` are connections that stay open."""
    warm_up(server, probes, crowd)
    fds, held = descriptors(server), memory(server)
    started = time.monotonic()
    yield
    assert server.process.poll() is None, server.stderr()
    server.wait_for("all have ended", lambda book:
                    book["begun"] - book["after"] == 1
                    and 0 <= book["open"] - book["closed"] - 1 <= probes)
    wait_until(f"descriptors: {descriptors(server)}, before {fds}",
               lambda: abs(descriptors(server) - fds) <= 2)
    judge_memory(server, held)
    judge_log(server, time.monotonic() - started)


@contextlib.contextmanager
def unharmed(server, path="/quick", wire=None, most_wait=MOST_WAIT):
    """The common pass rule, around whatever is done to a server: `wire` is the
    probe's connection, and of a hundred answers 99 come within `most_wait`."""
    probe = Probe(server, path, wire)
    with restored(server, probes=1):
        probe.start()
        try:
            yield probe
        finally:
            probe.stop()
        assert probe.errors == []
        if PLAIN and most_wait:
            assert probe.p99() < most_wait, sorted(probe.waits)[-5:]
    probe.wire.socket.close()
