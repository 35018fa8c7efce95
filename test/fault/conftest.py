# SPDX-License-Identifier: MIT
"""Fixtures of the fault matrix: servers as the wire tests have them."""
import importlib.util
import os
import sys

WIRE = os.path.join(os.path.dirname(__file__), "..", "wire")
sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, WIRE)

# The wire tests' conftest by its path: two files of that name are two modules.
spec = importlib.util.spec_from_file_location(
    "wire_conftest", os.path.join(WIRE, "conftest.py"))
wire_conftest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wire_conftest)
sys.modules["wire_conftest"] = wire_conftest

start = wire_conftest.start
pytest_sessionfinish = wire_conftest.pytest_sessionfinish

# Those that take long, or tools of others: FAULTS=all, as in .ci/run.
collect_ignore = [] if os.environ.get("FAULTS") == "all" else ["slow"]


def pytest_terminal_summary(terminalreporter):
    """The line that the tally reads; a skipped test is a failed one."""
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = sum(len(stats.get(kind, [])) for kind in
                 ("failed", "error", "skipped", "xfailed", "xpassed"))
    terminalreporter.write_line(f"fault: {passed} passed, {failed} failed")
