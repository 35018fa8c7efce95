# SPDX-License-Identifier: MIT
"""Fixtures for the tests of pages: one browser for all, and `open_page`, which
fails its test when the page complained, broke its policy or fetched anything.

    def test_x(open_page, sized, page_file):
        page = open_page(path)                        # 1400 px, light
        page = open_page(path, width=400, theme="dark")

With SCREENSHOTS=folder every page of the fixture `looks` leaves a picture."""
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from browser import Page, chromium  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")

# A width and a theme: how a reader may see a page.
LOOKS = [(1400, "light"), (1400, "dark"), (400, "light"), (400, "dark")]


@pytest.fixture(scope="session")
def driver():
    with chromium() as one:
        yield one


@pytest.fixture
def open_page(driver):
    """Opens files; afterwards none of the pages may have complained. A test
    that wants them takes them: console().clear(), requests.clear()."""
    pages = []

    def open_one(path, **how):
        settle()
        pages.append(Page(driver, path, **how))
        return pages[-1]

    def settle():
        if pages:
            pages[-1].console()
            assert pages[-1].fetched() == []

    yield open_one
    settle()
    assert [words for page in pages for words in page.complaints] == []


@pytest.fixture(params=LOOKS, ids=[f"{w}-{t}" for w, t in LOOKS])
def looks(request, open_page):
    """Opens a file at each width in each theme; it must fit the window."""
    width, theme = request.param

    def open_one(path, **how):
        page = open_page(path, width=width, theme=theme,
                         height=900 if width > 500 else 800, **how)
        assert page.overflow() <= 0
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            name = request.node.name.replace("[", "-").replace("]", "")
            page.screenshot(pathlib.Path(folder) / f"{name}.png")
        page.width, page.theme = width, theme
        return page

    return open_one


@pytest.fixture(scope="session")
def page_maker(tmp_path_factory):
    """Makes pages by a program of test/browser: it takes a recording's JSON on
    its standard input, and perhaps the path of an earlier one."""
    folder = tmp_path_factory.mktemp("pages")

    def make_one(program, name, json, before=None):
        arguments = [BUILD / "test" / "browser" / program]
        if before is not None:
            earlier = folder / f"{name}-before.json"
            earlier.write_text(before, encoding="utf-8")
            arguments.append(earlier)
        made = subprocess.run(arguments, input=json.encode(), timeout=60,
                              stdout=subprocess.PIPE, check=True)
        path = folder / f"{name}.html"
        path.write_bytes(made.stdout)
        return path

    return make_one


def pytest_terminal_summary(terminalreporter):
    """The line that the tally reads; a skipped test is a failed one."""
    stats = terminalreporter.stats
    passed = len(stats.get("passed", []))
    failed = sum(len(stats.get(kind, [])) for kind in
                 ("failed", "error", "skipped", "xfailed", "xpassed"))
    terminalreporter.write_line(f"browser: {passed} passed, {failed} failed")
