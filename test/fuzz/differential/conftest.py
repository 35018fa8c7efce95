# SPDX-License-Identifier: MIT
"""The figures of a run, and the line that the tally reads."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))


def pytest_configure(config):
    config.figures = []


def pytest_terminal_summary(terminalreporter, config):
    for line in config.figures:
        terminalreporter.write_line("  " + line)
    # A skipped test is a failed one.
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = sum(len(stats.get(kind, [])) for kind in
                 ("failed", "error", "skipped", "xfailed", "xpassed"))
    terminalreporter.write_line(
        f"differential: {passed} passed, {failed} failed")
