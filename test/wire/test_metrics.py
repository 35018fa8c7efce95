# SPDX-License-Identifier: MIT
"""The box office of examples/metrics.c: what it counts, in both formats, and
in a ledger; with workers that are read while they work."""
import re
import shutil
import subprocess
import threading
import time

import pytest
from wire import SLOW, TOP, Server, program

OPEN = ("Accept", "application/openmetrics-text;version=1.0.0;q=0.9,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:\\.|[^"\\])*",?)+)\})?'
                    r' ([-+.0-9eE]+|[+-]Inf|NaN)')


class Office(Server):
    """A program that says on stderr where it listens."""

    def __init__(self, workers):
        self.process = subprocess.Popen(
            [program("metrics"), "0", str(workers)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = self.process.stderr
        self.path, self.ended = None, False
        self.port = int(self.said.readline().rsplit(":", 1)[1])

    def end(self, seconds=20):
        self.signal()
        assert self.process.wait(seconds * SLOW) == 0


@pytest.fixture
def office(request):
    server = Office(getattr(request, "param", 1))
    yield server
    server.end()


def parse(text):
    """Families as name -> type, and samples as (name, labels) -> value; what
    both formats ask for is checked on the way."""
    families, samples, helped = {}, {}, set()
    for line in text.splitlines():
        comment = re.fullmatch(r"# (HELP|TYPE|UNIT) (\S+) (.+)", line)
        if comment:
            word, name, rest = comment.groups()
            if word == "HELP":
                assert name not in helped
                helped.add(name)
            if word == "TYPE":
                assert name in helped and name not in families
                families[name] = rest
            continue
        if line == "# EOF":
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found.groups()
        family = re.sub(r"_(bucket|sum|count|created)$", "", name)
        assert {name, family, re.sub("_total$", "", name)} & set(families), \
            line
        assert (name, labels) not in samples, line
        samples[name, labels] = float(value)
    return families, samples


def buy(server, times=5):
    with server.connect() as wire:
        for kind in ("adult", "child"):
            for _ in range(times):
                assert wire.ask(f"/tickets/{kind}").status == 200
        assert wire.ask("/nothing").status == 404


def test_text(office):
    buy(office)
    answer = office.get("/metrics")
    assert answer["Content-Type"] == \
        "text/plain; version=0.0.4; charset=utf-8"
    families, samples = parse(answer.text())
    assert not answer.text().endswith("# EOF\n")
    assert all(name.endswith("_total") == (kind == "counter")
               for name, kind in families.items())
    assert samples["seed_requests_total",
                   'route="/tickets/:kind",method="GET",status="2xx"'] == 10
    assert samples["seed_requests_total",
                   'route="none",method="GET",status="4xx"'] == 1
    assert samples["tickets_sold_total", 'kind="child"'] == 5
    assert samples["seed_requests_in_flight", None] == 1
    assert samples["seed_connections_total", None] == 2

    # Buckets are sums of those before; waiting is in the request's time.
    labels = 'route="/tickets/:kind",method="GET"'
    name = "seed_request_duration_seconds"
    counts = [value for (sample, text), value in samples.items()
              if sample == name + "_bucket" and text.startswith(labels)]
    assert counts == sorted(counts) and counts[-1] == 10
    assert samples[name + "_count", labels] == 10
    assert samples[name + "_sum", labels] >= 10 * 0.019
    assert samples[name + "_bucket", labels + ',le="0.01"'] == 0

    handler = [(labels, value) for (name, labels), value in samples.items()
               if name == "seed_handler_waiting_seconds_total"]
    assert len(handler) == 1
    assert 'function="print_ticket"' in handler[0][0]
    assert handler[0][1] >= 10 * 0.019


def test_openmetrics(office):
    buy(office)
    with office.connect() as wire:
        answer = wire.ask("/metrics", fields=[OPEN])
    assert answer["Content-Type"] == \
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    text = answer.text()
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1
    families, samples = parse(text)
    assert not any(name.endswith("_total") for name in families)
    for (name, labels) in samples:
        if name.endswith("_total"):
            assert families[name[:-len("_total")]] == "counter"
            assert (name[:-len("_total")] + "_created", labels) in samples
    assert re.search(r"^# UNIT seed_request_duration_seconds seconds$", text,
                     re.M)
    assert re.search(r"^# UNIT seed_sent_bytes bytes$", text, re.M)
    assert samples["tickets_sold_total", 'kind="adult"'] == 5

    try:
        from prometheus_client.openmetrics import parser
    except ImportError:
        return
    assert len(list(parser.text_string_to_metric_families(text))) == \
        len(families)


# Prometheus itself is a package of .ci/run, which names this test.
if shutil.which("promtool"):
    def test_promtool(office):
        buy(office)
        text = office.get("/metrics").text()
        done = subprocess.run(["promtool", "check", "metrics"], input=text,
                              capture_output=True, text=True, timeout=20,
                              check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ledger(office):
    buy(office)
    rows = {row["function"]: row
            for row in office.get("/ledger").json()["rows"]}
    assert {"price", "print_ticket", "sell"} <= set(rows)
    price, ticket = rows["price"], rows["print_ticket"]
    assert price["calls"] == price["requests"] == 10
    assert price["route"] == "/tickets/:kind" and price["kind"] == "route"
    assert price["file"].endswith("metrics.c")
    with open(TOP + "/examples/metrics.c", encoding="utf-8") as file:
        source = file.read().split("\n")
    assert "price" in source[price["line"] - 1]
    assert price["selfNs"] > rows["sell"]["selfNs"]
    # What others take of the processor is in selfNs, and nobody's cpuNs.
    assert 0 < price["cpuNs"] <= price["selfNs"]
    assert price["cpuNs"] > 0.5 * sum(row["cpuNs"] for row in rows.values())
    assert ticket["waits"] == 10 and ticket["waitedNs"] >= 10 * 19_000_000
    assert ticket["selfNs"] < ticket["waitedNs"]
    assert price["waits"] == 0

    with office.connect() as wire:
        page = wire.ask("/ledger", fields=[("Accept", "text/html")])
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "<code>print_ticket</code>" in page.text()


def test_server_timing(office):
    with office.connect() as wire:
        assert wire.ask("/tickets/child")["Server-Timing"] is None
        field = wire.ask("/tickets/child",
                         fields=[("x-server-timing", "1")])["Server-Timing"]
    parts = dict(re.findall(r'([\w.-]+);(?:desc="[^"]*";)?dur=([\d.]+)',
                            field))
    assert float(parts["wait"]) >= 19
    assert float(parts["total"]) >= float(parts["wait"])
    assert {"price", "print_ticket", "sell"} <= set(parts)


@pytest.mark.parametrize("office", [2], indirect=True)
def test_workers_are_one_sum(office):
    threads = [threading.Thread(target=buy, args=(office,))
               for _ in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        parse(office.get("/metrics").text())
        office.get("/ledger").json()
    for thread in threads:
        thread.join()

    # A request is counted when it is over, which is after its client knows;
    # the other worker may be at that.
    sold = ("seed_requests_total",
            'route="/tickets/:kind",method="GET",status="2xx"')
    end = time.monotonic() + 5 * SLOW
    _, samples = parse(office.get("/metrics").text())
    while samples[sold] != 60 and time.monotonic() < end:
        _, samples = parse(office.get("/metrics").text())
    assert samples[sold] == 60
    assert samples["tickets_sold_total", 'kind="adult"'] == 30
    assert samples["seed_workers", None] == 2
    rows = {row["function"]: row
            for row in office.get("/ledger").json()["rows"]}
    assert rows["sell"]["calls"] == rows["sell"]["requests"] == 60
