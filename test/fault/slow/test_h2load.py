# SPDX-License-Identifier: MIT
"""Twenty restarts under h2load, which counts every request that it began."""
import os
import re
import subprocess
import time

import pytest
from activator import kill_marked
from test_ending_rows import restart_one
from wire import SLOW


@pytest.mark.parametrize("workers", ["1", "2"])
def test_row_22_twenty_restarts_under_h2load(start, monkeypatch, workers):
    mark = f"{os.getpid()}-h2load-{workers}"
    monkeypatch.setenv("SEED_TEST_MARK", mark)
    server = start("restart", "0", workers)
    pid = int(server.get("/").text())
    load = subprocess.Popen(
        ["h2load", "--h1", "-t1", "-c32", f"-D{10 * SLOW}",
         f"http://127.0.0.1:{server.port}/"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(20):
            time.sleep(0.3)
            assert load.poll() is None, "the load ended before the restarts"
            pid = restart_one(server, pid)
        report = load.communicate(timeout=60 * SLOW)[0]
    finally:
        load.kill()
        kill_marked("SEED_TEST_MARK=" + mark)
    server.process.communicate()
    server.ended = True
    assert server.process.returncode == 0, server.stderr()
    found = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, "
                      r"(\d+) errored, (\d+) timeout", report)
    done, good, *bad = [int(number) for number in found.groups()]
    assert bad == [0, 0, 0] and done == good > 1000, report
