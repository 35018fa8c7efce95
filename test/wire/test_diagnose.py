# SPDX-License-Identifier: MIT
"""The doctor and the flame graph as a user has them: by the environment, with
a load, and of a server that runs."""
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest
from traces import traces
from wire import BUILD, SLOW, TOP, program

LOAD = "%s -c 20 -d %%d $SEED_URL/seed/v1" % program("load")
FLAMES = {"flame.html": b"<!doctype html>", "flame.json": b"{",
          "flame.folded": b"", "flame.pb.gz": b"\x1f\x8b",
          "flame.speedscope.json": b"{"}


begun = []


@pytest.fixture(autouse=True)
def ends_what_it_began():
    yield
    for process in begun:
        process.kill()
        process.wait()
    begun.clear()


def begin(mode, folder, flags=(), **variables):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("SEED_")}
    begun.append(subprocess.Popen(
        [program("seed-server"), "--mode", mode, "--port", "0", *flags],
        cwd=folder, env={**environment, **variables}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    return begun[-1]


def finish(process):
    """With which status it ended, and what it said."""
    try:
        out, err = process.communicate(timeout=90)
    finally:
        process.kill()
    return process.returncode, out, err


def run(mode, folder, **variables):
    return finish(begin(mode, folder, **variables))


def figures(folder, name="report.json"):
    return json.loads((folder / name).read_text())


def line_of_leak():
    source = open(os.path.join(TOP, "examples/seed-server/slow.c")).read()
    before = source[:source.index("seed_after(")]
    return before.count("\n") + 1


def test_names_the_leak(tmp_path):
    status, _, err = run("slow", tmp_path, SEED_DOCTOR="report.html",
                         SEED_FLAME="flame.html", SEED_ON_PORT=LOAD % 4)
    report = figures(tmp_path)
    finding = report["findings"][0]
    assert status == 1, err
    assert report["verdict"]["id"] == finding["id"] == "L1"
    assert finding["function"] == "store_etag"
    assert finding["file"].endswith("examples/seed-server/slow.c")
    assert finding["line"] == line_of_leak()
    assert "Listener leak" in err and "store_etag" in err
    assert "The hottest functions" in err
    for name in ("report.html", "flame.html"):
        page = (tmp_path / name).read_text()
        assert page.lower().startswith("<!doctype html>")
        assert len(page) < 600_000


def test_healthy_is_0(tmp_path):
    status, _, err = run("fixed", tmp_path, SEED_DOCTOR="report.json",
                         SEED_ON_PORT=LOAD % 3)
    assert status == 0, err
    assert figures(tmp_path)["verdict"]["category"] == "none"
    findings = figures(tmp_path)["findings"]
    assert not [one for one in findings if one["severity"] == "issue"]
    if SLOW == 1:  # hints: the loop is full, the machine, a hot library
        assert {one["id"] for one in findings} <= {"E2", "E3", "C1"}, findings


def test_a_load_that_fails_is_2(tmp_path):
    status, _, err = run("fast", tmp_path, SEED_DOCTOR="report.json",
                         SEED_ON_PORT="exit 3")
    assert status == 2
    assert '"exit 3" failed with status 3' in err
    assert (tmp_path / "report.json").exists()


def test_a_load_that_asks_nothing_is_2(tmp_path):
    """A CI must not take that for health."""
    status, _, err = run("fast", tmp_path, SEED_DOCTOR="-",
                         SEED_ON_PORT="true")
    assert status == 2 and "too little of a load" in err


def test_a_load_that_is_not_there_is_2(tmp_path):
    status, _, err = run("fast", tmp_path, SEED_FLAME="-",
                         SEED_ON_PORT="no-such-load-generator")
    assert status == 2 and "status 127" in err


def test_a_goal_that_is_missed_is_3(tmp_path):
    status, _, err = run("fast", tmp_path, SEED_DOCTOR="report.json",
                         SEED_GOAL="rps>=100000000,errors<=0",
                         SEED_ON_PORT=LOAD % 3)
    goals = figures(tmp_path)["goals"]
    assert status == 3, err
    assert [goal["met"] for goal in goals] == [False, True]


@pytest.mark.parametrize("name", FLAMES)
def test_writes_flame_graphs(tmp_path, name):
    status, _, err = run("fast", tmp_path, SEED_FLAME=name,
                         SEED_FLAME_HZ="249", SEED_ON_PORT=LOAD % 1)
    content = (tmp_path / name).read_bytes()
    assert status == 0, err
    assert content.lower().startswith(FLAMES[name]) and len(content) > 100
    if name.endswith("json"):
        json.loads(content)
    if name.endswith("gz"):
        assert b"event_base_loop" in gzip.decompress(content)
    if name.endswith("folded"):
        assert re.search(rb"main;.*event_base_loop;.* \d+\n", content)


def test_compares_with_an_earlier_one(tmp_path):
    run("slow", tmp_path, SEED_DOCTOR="before.html", SEED_ON_PORT=LOAD % 3)
    run("fixed", tmp_path, SEED_DOCTOR="after.html",
        SEED_BEFORE="before.html", SEED_ON_PORT=LOAD % 3)
    after = (tmp_path / "after.html").read_text()
    assert 'id="seed-before"' in after
    assert "store_etag" in after[after.index('id="seed-before"'):]


@pytest.mark.parametrize("variables, words", [
    ({"SEED_FLAME": "flame.svg"}, "ends with .html"),
    ({"SEED_DOCTOR": "/no/such/folder/report.html"}, "cannot be written"),
    ({"SEED_FLAME": "-", "SEED_GOAL": "rps>=1"}, "set SEED_DOCTOR, too"),
    ({"SEED_DOCTOR": "-", "SEED_GOAL": "speed>1"}, "SEED_GOAL: "),
    ({"SEED_FLAME": "-", "SEED_FLAME_HZ": "many"}, "from 1 to 1000"),
    ({"SEED_DOCTOR": "d.html", "SEED_FLAME": "f.html",
      "SEED_BEFORE": "/etc/hosts"},
     '"/etc/hosts", which is neither a report of the doctor'),
])
def test_says_what_is_wrong_before_the_load(tmp_path, variables, words):
    status, _, err = run("fast", tmp_path, SEED_ON_PORT="touch loaded",
                         **variables)
    assert status == 2 and words in err  # the program's own would be 1
    assert not (tmp_path / "loaded").exists()


@pytest.mark.parametrize("load", [True, False])
def test_a_server_that_cannot_run(tmp_path, load):
    """Nothing is written of what was never there."""
    ordered = {"SEED_ON_PORT": "touch loaded"} if load else {}
    status, _, err = run("fast", tmp_path, SEED_DOCTOR="report.html",
                         SEED_FLAME="flame.html",
                         SEED_ADMIN="unix:/no/such/folder/admin", **ordered)
    assert status == (2 if load else 1) and "/no/such/folder/admin" in err
    assert not os.listdir(tmp_path)


def test_a_loop_that_is_blocked_for_good(tmp_path):
    """The report is written, and the process ends all the same."""
    began = time.monotonic()
    process = subprocess.run(
        [program("watched")], cwd=tmp_path, timeout=90,
        env={**os.environ, "SEED_DOCTOR": "report.json", "SEED_ON_PORT":
             f"{program('load')} -c 1 -d 1 $SEED_URL/block/hard & sleep 1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert ("8 s after it was asked to stop a handler still holds a loop of "
            "the server. The process ends without it now, with status 2."
            ) in process.stderr
    assert process.returncode == 2  # that was no load
    assert time.monotonic() - began < 19  # the block lasts for 20
    assert figures(tmp_path)["kind"] == "seed-doctor"


def test_nothing_is_left_of_what_has_ended(tmp_path):
    """Recordings of the admin listener come, and go without a trace but the
    handler, which a signal that is under way must find."""
    process = begin("fast", tmp_path, flags=("--admin", "0"))
    url = process.stdout.readline().split()[-1]
    admin = process.stdout.readline().split()[-1]
    get(url + "/seed/v1")  # it runs, and is watched for stalls
    before = traces(process.pid)
    get(admin + "/flame?seconds=1&format=folded")
    get(admin + "/doctor?seconds=1&format=text")
    assert traces(process.pid) - before <= {"SIGPROF has a handler"}
    process.terminate()
    assert finish(process)[0] == 0


@pytest.mark.parametrize("more", [{}, {"SEED_GOAL": "rps>=1"}])
def test_a_load_alone_starts_nothing(tmp_path, more):
    process = begin("fast", tmp_path, SEED_ON_PORT="touch loaded", **more)
    assert "serves" in process.stdout.readline()
    time.sleep(0.3)
    assert traces(process.pid) == set()
    process.terminate()
    assert finish(process)[0] == 0
    assert not (tmp_path / "loaded").exists()


if os.geteuid() == 0:
    def test_more_rights_than_the_caller_ask_nothing(tmp_path):
        """A copy that runs as somebody else than who calls it."""
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            copy = os.path.join(folder, "seed-server")
            shutil.copy(program("seed-server"), copy)
            os.chown(copy, 65534, -1)
            os.chmod(copy, 0o4755)
            os.chmod(folder, 0o755)
            os.chmod(tmp_path, 0o777)
            process = subprocess.Popen(
                [copy, "--mode", "fast", "--port", "0"], cwd=tmp_path,
                env={"SEED_DOCTOR": "report.json", "SEED_FLAME": "flame.json",
                     "SEED_ON_PORT": "touch loaded"},
                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            assert "serves" in process.stdout.readline()
            with open(f"/proc/{process.pid}/status",
                      encoding="utf-8") as about:
                assert "Uid:\t0\t65534" in about.read()
            time.sleep(0.3)
            process.terminate()
            finish(process)  # LeakSanitizer may not trace it, and complains
            assert not os.listdir(tmp_path)


def wait_for(path, seconds=20):
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert path.exists()


def test_sigusr2_writes_and_begins_anew(tmp_path):
    process = begin("fast", tmp_path, SEED_DOCTOR="report.json",
                    SEED_FLAME="flame.folded")
    get(process.stdout.readline().split()[-1] + "/seed/v1")  # it runs
    process.send_signal(signal.SIGUSR2)
    wait_for(tmp_path / "flame.folded")
    assert process.poll() is None
    process.terminate()
    assert finish(process)[0] == 0
    for name in ("report.json", "report-2.json", "flame-2.folded"):
        assert (tmp_path / name).exists()


def test_sigusr2_leaves_a_healthy_load_healthy(tmp_path):
    """The parts before and behind it are too little to judge by."""
    status, _, err = run(
        "fixed", tmp_path, SEED_DOCTOR="report.json", SEED_GOAL="p99<=9s",
        SEED_ON_PORT="kill -USR2 $PPID; sleep 0.3; " + LOAD % 3
                     + "; kill -USR2 $PPID; sleep 0.3")
    assert status == 0, err
    assert figures(tmp_path)["verdict"]["category"] == "not-enough"
    assert figures(tmp_path, "report-2.json")["verdict"]["category"] == "none"
    assert (tmp_path / "report-3.json").exists()


def test_an_interrupted_load_is_ended(tmp_path):
    process = begin("fast", tmp_path, SEED_DOCTOR="report.json",
                    SEED_ON_PORT="echo $$ >pid; sleep 100")
    assert "serves" in process.stdout.readline()
    wait_for(tmp_path / "pid")
    time.sleep(0.1)
    process.terminate()
    status, _, err = finish(process)
    assert status == 2 and "was stopped before" in err
    assert (tmp_path / "report.json").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.headers, answer.read()


def test_records_a_server_that_runs(tmp_path):
    process = begin("slow", tmp_path, flags=("--admin", "0"))
    url = process.stdout.readline().split()[-1]
    admin = process.stdout.readline().split()[-1]
    load = subprocess.Popen([program("load"), "-c", "20", "-d", "12",
                             url + "/seed/v1"], stdout=subprocess.DEVNULL)
    try:
        _, body = get(admin + "/doctor?seconds=5&format=json")
        assert json.loads(body)["verdict"]["id"] == "L1"
        headers, body = get(admin + "/flame?seconds=2&format=folded")
        assert headers["Content-Type"].startswith("text/plain")
        assert b"store_etag" in body
        # The listener's own policy would forbid the page its scripts.
        headers, body = get(admin + "/flame?seconds=1")
        assert headers.get_all("Content-Security-Policy") == [
            "frame-ancestors 'none'"]
        assert b"default-src 'none'" in body
        headers, _ = get(admin + "/flame?seconds=1&format=pprof")
        assert "flame.pb.gz" in headers["Content-Disposition"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(admin + "/flame?seconds=1000")
        assert refused.value.code == 400
        assert b"/doctor" in get(admin + "/")[1]
    finally:
        load.kill()
        load.wait()
        process.terminate()
        finish(process)


def test_a_client_that_goes_ends_its_recording(tmp_path):
    process = begin("fast", tmp_path, flags=("--admin", "0"))
    process.stdout.readline()
    admin = process.stdout.readline().split()[-1]
    for _ in range(6):  # more than may be made at once
        with pytest.raises(OSError):
            urllib.request.urlopen(admin + "/flame?seconds=100", timeout=0.3)
    time.sleep(0.2)
    assert get(admin + "/flame?seconds=1&format=json")[1].startswith(b"{")
    process.terminate()
    assert finish(process)[0] == 0


def symbols(name):
    return subprocess.run(["nm", program(name)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def test_who_asks_for_no_report_carries_none():
    """Linked statically, with a loop of its own."""
    assert " seed__page_" in symbols("hello")
    for part in ("seed__page_", "seed_doctor_", "seed__tree_make", "seed_flame_"):
        assert part not in symbols("embed_in_loop")


def test_a_step_of_a_ci(tmp_path):
    def step(goal, load, mode="fast"):
        return subprocess.run(
            [os.path.join(TOP, "examples/ci.sh"),
             program("seed-server") + f" --mode {mode} --port 0", load],
            cwd=tmp_path, env={**os.environ, "GOAL": goal}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)

    assert step("errors<=0", LOAD % 3).returncode == 0
    missed = step("rps>=100000000", LOAD % 3)
    assert missed.returncode == 3 and "a goal was missed" in missed.stdout
    found = step("errors<=0", LOAD % 3, "slow")
    assert found.returncode == 1 and "has found an issue" in found.stdout
    assert step("errors<=0", "false").returncode == 2
    assert (tmp_path / "report.html").exists()
