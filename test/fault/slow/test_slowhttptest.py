# SPDX-License-Identifier: MIT
"""Rows 1 to 3 by a tool that others wrote for it: slowhttptest in its three
modes. It asks a second connection whether the service is available, and says
when each of its own was closed."""
import re
import subprocess

import pytest
from rule import hits, unharmed
from wire import SLOW

COUNT = 200

# What it does, and the flags of a server with deadlines of seconds.
MODES = {
    "headers": ["-H", "-i", "1"],
    "body": ["-B", "-i", "1", "-s", "8192"],
    "read": ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k",
             "3"],
}
PATHS = {"headers": "/quick", "body": "/upload", "read": "/flood/200"}
LIMITS = {"headers": "head", "body": "body", "read": "write"}
FLAGS = ["--head_deadline", "3000", "--body_stall", "3000", "--write_stall",
         "3000", "--body_deadline", "4000", "--max_requests", "-1"]


@pytest.mark.parametrize("mode", MODES)
def test_rows_01_to_03_slowhttptest(start, mode):
    server = start("faults", *FLAGS)
    with unharmed(server):
        done = subprocess.run(
            ["slowhttptest", *MODES[mode], "-c", str(COUNT), "-r", "100",
             "-l", str(15 * SLOW), "-p", "2", "-u",
             f"http://127.0.0.1:{server.port}{PATHS[mode]}"],
            capture_output=True, text=True, timeout=60 * SLOW, check=False)
        counted = hits(server, LIMITS[mode])
    words = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    states = re.findall(r"service available:\s+(\w+)", words)
    assert states and "NO" not in states, words[-2000:]
    assert counted == COUNT
    # A slow reader of its kind does not look whether it was reset.
    if mode != "read":
        assert "No open connections left" in words, words[-2000:]
