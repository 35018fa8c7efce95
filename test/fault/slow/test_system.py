# SPDX-License-Identifier: MIT
"""Rows of the fault matrix that want a machine of their own: a link that goes
down, a clock that steps, a strange resolver."""
import json
import os
import re
import signal
import subprocess
import sys
import time

from rule import hits, unharmed
from wire import Server, program

LIMITS = ["--head_deadline", "1500", "--idle_deadline", "1500",
          "--first_byte_deadline", "1500", "--body_stall", "1500",
          "--write_stall", "1500", "--linger", "500"]


def test_row_12_the_client_vanishes():
    """Its link goes down: no FIN, no RST. All end by their deadlines, each of
    the kind that it should, while others are served."""
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, "-B",
         os.path.join(os.path.dirname(__file__), "vanish.py"),
         program("faults"), *LIMITS],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seconds"] < 6, told
    ended = dict(re.findall(r'limit="(\w+)"} (\d+)',
                            "\n".join(told["limits"])))
    for limit in ("idle", "head", "body", "write", "first_byte"):
        assert int(ended[limit]) == 10, ended


def test_a_server_starts_without_a_network(tmp_path):
    """Its loopback is down, too: clients come by a Unix-domain socket."""
    path = tmp_path / "socket"
    with subprocess.Popen(
            ["unshare", "-Urn", program("faults"), "--unix", str(path)],
            stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline().strip() == f"unix:{path}"
        got = subprocess.run(
            ["curl", "-sS", "--unix-socket", str(path), "http://a/quick"],
            capture_output=True, text=True, timeout=10, check=False)
        server.terminate()
        assert server.wait(20) == 0
    assert got.stdout == "quick", got.stderr


LIBRARY = "/usr/lib/{}/faketime/libfaketime.so.1"


def test_row_32_the_clock_steps(tmp_path):
    """An hour forth and two back, while timers run: none of them knows. The
    date of answers does."""
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    machine = subprocess.run(["gcc", "-print-multiarch"], check=True,
                             capture_output=True, text=True).stdout.strip()
    server = Server("faults", *LIMITS, "--max_requests", "-1", env=dict(
        os.environ, LD_PRELOAD=LIBRARY.format(machine), FAKETIME_NO_CACHE="1",
        FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_DONT_FAKE_MONOTONIC="1"))
    dates = []
    with unharmed(server):
        for step in ("+3600", "-3600", "+1", "-1", "+0"):
            with server.connect() as idle, server.connect() as wire:
                assert idle.ask("/quick").status == 200
                begun = time.monotonic()
                wire.request("/slow/400")
                clock.write_text(step + "\n")
                assert wire.answer().text() == "late"
                assert 0.39 < time.monotonic() - begun < 1
                assert wire.ask("/timed/never").status == 503
                assert 0.65 < time.monotonic() - begun < 1.6
                assert idle.ask("/quick").status == 200  # not 1.5 s yet
                time.sleep(1.1)  # a date is made once a second
                dates.append(idle.ask("/quick")["Date"])
        assert hits(server, "handler") == 5
        assert hits(server, "idle") == hits(server, "head") == 0
    hours = [int(date.split()[4].split(":")[0]) for date in dates]
    assert (hours[0] - hours[1]) % 24 == 2, dates
    server.end()


def test_row_34_no_name_is_resolved(tmp_path):
    """Neither the files of a resolver are opened nor is anybody asked, at the
    start or for a request. Names are refused instead."""
    trace = tmp_path / "trace"
    server = subprocess.Popen(
        ["strace", "-f", "-qq", "-e", "trace=%network,openat,open", "-o",
         str(trace), program("faults")], stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    for _ in range(20):
        subprocess.run(["curl", "-s", "-o", os.devnull, "-H",
                        "Host: name.example", f"http://127.0.0.1:{port}/quick"],
                       check=True, timeout=10)
    with open(f"/proc/{server.pid}/task/{server.pid}/children",
              encoding="ascii") as children:
        os.kill(int(children.read()), signal.SIGTERM)
    assert server.wait(20) == 0
    text = trace.read_text()
    assert "accept4" in text and "listen" in text
    for word in ("resolv.conf", "nsswitch.conf", "/etc/hosts", "htons(53)",
                 "SOCK_DGRAM", "nscd"):
        assert word not in text, re.findall(f".*{re.escape(word)}.*", text)
