# SPDX-License-Identifier: MIT
"""The article's own load: autocannon -c100 localhost:PORT/seed/v1."""
import json
import os
import subprocess

import pytest
from wire import TOP

PROGRAM = os.path.join(TOP, "build/npm/node_modules/.bin/autocannon")
SECONDS = 3


def autocannon(server, path):
    done = subprocess.run(
        [PROGRAM, "--json", "-c100", f"-d{SECONDS}",
         f"localhost:{server.port}{path}"],
        capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("mode", ["slow", "noop", "fixed", "fast", "better"])
def test_autocannon_meets_no_error(start, mode):
    """Mode slow may be too slow for it: that is its point."""
    server = start("seed-server", "--mode", mode, "--port", "0")
    result = autocannon(server, "/seed/v1")
    slow_ones = result["timeouts"] if mode == "slow" else 0

    assert result["errors"] == slow_ones, result
    assert result["non2xx"] == result["mismatches"] == 0, result
    assert result["resets"] == 0, result
    assert result["2xx"] > 100 * (mode != "slow"), result


def test_autocannon_takes_errors_for_what_they_are(start):
    """That the counters above would have counted."""
    server = start("seed-server", "--mode", "fixed", "--port", "0")
    result = autocannon(server, "/nope")
    assert result["2xx"] == 0 and result["non2xx"] > 100, result
