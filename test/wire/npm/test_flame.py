# SPDX-License-Identifier: MIT
"""Flame graphs of libseed in the tools that they are written for: `go tool
pprof`, and speedscope in a browser, which reads three of the formats."""
import base64
import os
import re
import subprocess
import sys

import pytest
from wire import BUILD, TOP, Server

sys.path.insert(0, os.path.join(TOP, "test/browser"))
from browser import Page, chromium  # noqa: E402

SPEEDSCOPE = os.path.join(
    TOP, "build/npm/node_modules/speedscope/dist/release/index.html")
ENDINGS = ["speedscope.json", "pb.gz", "folded"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One recording of the slow server, in each format."""
    folder = tmp_path_factory.mktemp("flame")
    paths = {ending: str(folder / f"slow.{ending}") for ending in ENDINGS}
    server = Server("flamed", "slow", "249", *paths.values())
    subprocess.run(["wrk", "-t1", "-c50", "-d3s", f"{server.url}/seed/v1"],
                   check=True, timeout=120, stdout=subprocess.DEVNULL)
    told = server.end(120)
    paths["sampled"] = int(re.search(r" sampled=(\d+)", told)[1])
    return paths


def pprof(path, *flags):
    done = subprocess.run(["go", "tool", "pprof", *flags, path],
                          capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pprof_top(files):
    """Name, self and total of each function."""
    text = pprof(files["pb.gz"], "-top", "-cum", "-unit=ns", "-nodecount=200")
    assert "Type: cpu" in text
    whole = int(re.search(r"Total samples = (\d+)ns", text)[1])
    assert whole == files["sampled"]
    rows = dict(reversed(row) for row in re.findall(
        r"^ *\S+ +\S+ +\S+ +(\d+)(?:ns)? +\S+ +(.+?)(?: \(inline\))?$", text,
        flags=re.M))
    assert int(rows["main"]) > 0.95 * whole
    assert int(rows["store_etag"]) > 0.6 * whole


def test_pprof_raw(files):
    """What -top leaves out: lines, labels, mappings with their builds."""
    text = pprof(files["pb.gz"], "-raw")
    assert "PeriodType: cpu nanoseconds" in text
    assert "Period: 4016064" in text
    assert "samples/count cpu/nanoseconds[dflt]" in text
    assert re.search(r"route:\[GET /seed/v1\]", text)
    assert re.search(r"span:\[after: store_etag \(slow\.c:\d+\)\]", text)
    assert re.search(r"store_etag \S*examples/seed-server/slow\.c:\d+", text)
    program = os.path.join(BUILD, "test/clinic/programs/flamed")
    mapping = re.search(
        rf"^1: 0x\w+/0x\w+/0x\w+ {re.escape(program)} (\w+) \[FN\]", text,
        flags=re.M)
    notes = subprocess.run(["readelf", "-n", program], check=True,
                           capture_output=True, text=True).stdout
    assert mapping and f"Build ID: {mapping[1]}" in notes


def test_pprof_by_label(files):
    text = pprof(files["pb.gz"], "-top", "-unit=ns",
                 "-tagfocus=span=after: store_etag")
    assert "store_etag" in text
    part = int(re.search(r"nodes accounting for (\d+)ns", text)[1])
    assert part > 0.5 * files["sampled"]


@pytest.fixture(scope="module")
def driver():
    with chromium() as one:
        yield one


@pytest.mark.parametrize("ending", ENDINGS)
def test_speedscope(files, driver, tmp_path, ending):
    """As its command line opens a file: by a script beside it."""
    with open(files[ending], "rb") as file:
        text = base64.b64encode(file.read()).decode()
    script = tmp_path / "profile.js"
    script.write_text(
        f"speedscope.loadFileFromBase64('slow.{ending}', '{text}')")
    page = Page(driver, SPEEDSCOPE, height=6000,
                fragment=f"#localProfilePath={script}")
    page.wait(lambda: "slow" in driver.title)
    page.press("3")  # sandwich: a table of all functions
    page.wait(lambda: "Symbol Name" in page.text("body"))
    total = share(page, "store_etag") or share_sorted(page, "store_etag")
    assert total > 60


def share(page, name):
    """Its total in percent; speedscope writes ">99%" for what nears all."""
    found = re.search(r"\(>?(\d+(?:\.\d+)?)%\)\n[^\n]+\n" + name + "$",
                      page.text("body"), flags=re.M)
    return found and float(found[1])


def share_sorted(page, name):
    """The table shows a part; by total, what is on the stack comes first."""
    for header in page.driver.find_elements(
            "xpath", "//th[contains(., 'Total')]"):
        header.click()
    return page.wait(lambda: share(page, name), name)
