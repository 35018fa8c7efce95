# SPDX-License-Identifier: MIT
"""Fixtures: one server of each kind for a module, ended in order after it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from wire import Server  # noqa: E402

# Tests that play with packages of npm, and scanners that take a minute, are for
# .ci/run alone: make npm, make scan.
collect_ignore = [folder for folder in ("npm", "scan")
                  if not os.environ.get(folder.upper())]


def serving(name, *flags):
    server = Server(name, *flags)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def plain():
    yield from serving("plain")


@pytest.fixture(scope="module")
def later():
    yield from serving("later")


@pytest.fixture(scope="module")
def foreign():
    yield from serving("foreign")


@pytest.fixture
def start():
    """Starts servers that a test ends by itself, or that end with it."""
    servers = []

    def start_one(name, *flags, **how):
        servers.append(Server(name, *flags, **how))
        return servers[-1]

    yield start_one
    for server in servers:
        if not server.ended:
            server.end()


def pytest_terminal_summary(terminalreporter):
    """The line that the tally reads; a skipped test is a failed one."""
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = sum(len(stats.get(kind, [])) for kind in
                 ("failed", "error", "skipped", "xfailed", "xpassed"))
    terminalreporter.write_line(f"wire: {passed} passed, {failed} failed")


def pytest_sessionfinish(session, exitstatus):
    if hasattr(session.config, "workerinput"):
        return  # one of several; who leads them counts
    skipped = session.config.pluginmanager.get_plugin(
        "terminalreporter").stats.get("skipped")
    if exitstatus == 0 and skipped:
        session.exitstatus = 1
