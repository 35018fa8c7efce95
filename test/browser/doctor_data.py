# SPDX-License-Identifier: MIT
"""Recordings of the doctor, made up and always the same: what the article's
servers give, and what a page must bear besides."""
import json
import math
import random

KEYS = ("cpu_percent", "loop_cpu_percent", "rss_mb", "heap_mb", "mapped_mb",
        "delay_ms", "delay_mean_ms", "utilisation", "handles", "connections",
        "in_flight", "fds", "rps", "p50_ms", "p99_ms", "backlog_kb", "shed",
        "errors")
HOSTILE = "</script><!--<script><img src=x onerror=alert(1)>&quot;\u2028`$'"


def span(kind, function, at, share, per_request=1.0, requests=50000, **more):
    file, line = at.rsplit(":", 1)
    calls = round(per_request * requests)
    busy = 10000 * share
    return {"kind": kind, "function": function, "file": file,
            "line": int(line), "method": "", "pattern": "", "calls": calls,
            "per_request": per_request, "wall_ms": busy, "self_ms": busy,
            "cpu_ms": busy * 0.98, "longest_ms": 3 * busy / max(1, calls),
            "p50_ms": busy / max(1, calls), "p99_ms": 2 * busy / max(1, calls),
            "waits": 0, "waited_ms": 0, "share": share, **more}


def finding(id, category, title, **more):
    return {"id": id, "category": category, "severity": "issue",
            "title": title, "sentence": "", "share": 0.5,
            "share_of": "the loop's time", "function": "", "file": "",
            "line": 0, "where": "", "route": "", "evidence": [], "fix": "",
            "next": [], "charts": [], **more}


def series(points, seconds, values):
    """Each key by a function of the second and the step, or null."""
    rows = [(seconds * i / max(1, points - 1), i) for i in range(points)]
    made = {"t": [round(t, 3) for t, _ in rows]}
    for key in KEYS:
        of = values.get(key)
        made[key] = [None if of is None else of(t, i) for t, i in rows]
    return made


def recording(**more):
    return {"kind": "seed-doctor", "version": 1, "title": "seed-server",
            "created": "2026-11-28T02:00:00Z", "libseed": "0.1.0",
            "pid": 4711, "seconds": 12.0, "interval_ms": 10,
            "window": {"from": 0.8, "to": 11.1}, "findings": [], "goals": [],
            "spans": [], "flame": {"samples": 0, "categories": {}, "top": []},
            "overhead": {"watchers_cpu_ms": 31.0, "handlers_ms": 9.0,
                         "process_cpu_ms": 10100.0, "share": 0.00396},
            **more}


def loaded(t, value, idle=0):
    return value if 0.8 <= t <= 11.1 else idle


LEAK = finding(
    "L1", "event-loop", "Listener leak", share=0.972,
    sentence="`store_etag` was added to the after hooks 546 times in 546 "
             "requests, and every one of them runs for each request.",
    function="store_etag", file="examples/seed-server/slow.c", line=28,
    where="use: etagger", route="GET /seed/v1",
    evidence=["546 hooks of store_etag after 546 requests: 1.00 a request",
              "it ran 149,331 times, 273.5 times a request",
              "97.2 % of the loop's time, 10.1 s of CPU"],
    fix="Add the hook once, when the server is set up, or guard the "
        "registration in `etagger`: the name that it tests is never set.",
    next=["SEED_TRACE_WARNINGS=1 ./seed-server slow",
          "SEED_FLAME=flame.html SEED_ON_PORT='wrk -c100 -d10 "
          "http://localhost:$PORT/seed/v1' ./seed-server slow"],
    charts=["delay", "cpu", "latency"])


def slow():
    """The article's: turns of seconds, and few samples between them."""
    chance = random.Random(1)

    def age(t, _):
        turn = 0.3 + t / 6
        return loaded(t, round(1000 * (t % turn), 1), 0.1)

    def now_and_then(value):
        return lambda t, i: value(t) if i % 20 == 7 else None

    return recording(
        title="seed-server slow",
        verdict={"category": "event-loop", "id": "L1",
                 "title": "Listener leak", "status": 1,
                 "sentence": LEAK["sentence"]},
        findings=[LEAK, finding(
            "A1", "event-loop", "Amplification", severity="warning",
            share=0.97, function="store_etag",
            file="examples/seed-server/slow.c", line=28,
            sentence="store_etag ran 273.5 times a request.",
            evidence=["149,331 calls in 546 requests"], charts=["delay"])],
        series=series(600, 12.0, {
            "cpu_percent": lambda t, i: loaded(
                t, round(99 + chance.random() * 2, 1), 0.4),
            "loop_cpu_percent": lambda t, i: loaded(
                t, round(97 + chance.random() * 2, 1), 0.1),
            "rss_mb": lambda t, i: round(14 + 0.4 * t, 2),
            "heap_mb": lambda t, i: round(6 + 0.3 * t, 2),
            "mapped_mb": lambda t, i: 8.4 if t < 5 else 11.2,
            "delay_ms": age,
            "delay_mean_ms": lambda t, i: loaded(t, round(60 * t, 1), 0.1),
            "utilisation": lambda t, i: loaded(t, 1.0, 0.01),
            "handles": lambda t, i: loaded(t, 103, 3),
            "connections": lambda t, i: loaded(t, 100),
            "in_flight": lambda t, i: loaded(t, 100 - i % 3),
            "fds": lambda t, i: loaded(t, 111, 11),
            "rps": now_and_then(lambda t: loaded(t, round(130 / (1 + t), 1))),
            "p50_ms": now_and_then(lambda t: loaded(t, round(250 * t), None)),
            "p99_ms": now_and_then(lambda t: loaded(t, round(450 * t), None)),
            "backlog_kb": lambda t, i: 0, "shed": lambda t, i: 0,
            "errors": lambda t, i: 0}),
        spans=[span("after", "store_etag", "examples/seed-server/slow.c:28",
                    0.972, 273.5, 546),
               span("use", "etagger", "examples/seed-server/slow.c:22",
                    0.006, 1, 546),
               span("route", "send_seed", "examples/seed-server/main.c:61",
                    0.011, 1, 546, method="GET", pattern="/seed/v1"),
               span("pre", "count_requests", "examples/seed-server/main.c:40",
                    0.0004, 1, 546)],
        summary={"requests": 546, "rps": 53.0, "p50_ms": 1517.0,
                 "p99_ms": 4870.0, "longest_ms": 5554.0, "s1xx": 0,
                 "s2xx": 546, "s3xx": 0, "s4xx": 0, "s5xx": 0, "gone": 96,
                 "received": 61000, "sent": 5640000},
        flame={"samples": 1003, "categories": {
            "openssl": 0.613, "jansson": 0.212, "libc": 0.101, "app": 0.051,
            "libseed": 0.014, "libevent": 0.006, "kernel": 0.003},
            "top": [
                {"name": "sha512_block_data_order", "file": "", "line": 0,
                 "category": "openssl", "self": 0.582},
                {"name": "dump_to_strbuffer", "file": "dump.c", "line": 54,
                 "category": "jansson", "self": 0.148},
                {"name": "memcpy", "file": "", "line": 0,
                 "category": "libc", "self": 0.071},
                {"name": "store_etag", "file": "examples/seed-server/slow.c",
                 "line": 28, "category": "app", "self": 0.037}]})


def healthy(title="seed-server fast"):
    chance = random.Random(2)
    return recording(
        title=title, created="2026-11-28T02:10:00Z",
        verdict={"category": "none", "id": "N0", "title": "No issue found",
                 "sentence": "5,866 requests per second; the loop was never "
                             "away for longer than 19 ms.", "status": 0},
        series=series(600, 12.0, {
            "cpu_percent": lambda t, i: loaded(
                t, round(58 + 8 * chance.random(), 1), 0.3),
            "loop_cpu_percent": lambda t, i: loaded(
                t, round(55 + 8 * chance.random(), 1), 0.1),
            "rss_mb": lambda t, i: 14.6, "heap_mb": lambda t, i: 6.2,
            "mapped_mb": lambda t, i: 8.4,
            "delay_ms": lambda t, i: loaded(
                t, round(2 + 9 * chance.random() ** 3, 2), 0.1),
            "delay_mean_ms": lambda t, i: loaded(t, 0.9, 0.05),
            "utilisation": lambda t, i: loaded(
                t, round(0.6 + 0.08 * chance.random(), 3), 0.01),
            "handles": lambda t, i: loaded(t, 103, 3),
            "connections": lambda t, i: loaded(t, 100),
            "in_flight": lambda t, i: loaded(t, i % 7),
            "fds": lambda t, i: loaded(t, 111, 11),
            "rps": lambda t, i: loaded(
                t, round(5866 + 300 * math.sin(3 * t), 1)),
            "p50_ms": lambda t, i: loaded(
                t, round(14 + 2 * chance.random(), 2), None),
            "p99_ms": lambda t, i: loaded(
                t, round(19 + 5 * chance.random(), 2), None),
            "backlog_kb": lambda t, i: 0, "shed": lambda t, i: 0,
            "errors": lambda t, i: 0}),
        spans=[span("route", "send_seed", "examples/seed-server/main.c:61",
                    0.31, 1, 58660, method="GET", pattern="/seed/v1"),
               span("after", "store_etag", "examples/seed-server/fast.c:31",
                    0.02, 1, 58660),
               span("use", "etagger", "examples/seed-server/fast.c:22",
                    0.012, 1, 58660)],
        summary={"requests": 58660, "rps": 5866.0, "p50_ms": 15.1,
                 "p99_ms": 23.9, "longest_ms": 41.0, "s1xx": 0, "s2xx": 58660,
                 "s3xx": 0, "s4xx": 0, "s5xx": 0, "gone": 0,
                 "received": 6500000, "sent": 606000000},
        flame={"samples": 612, "categories": {"kernel": 0.52, "libc": 0.2,
               "libseed": 0.18, "app": 0.06, "libevent": 0.04},
               "top": [{"name": "sendmsg", "file": "", "line": 0,
                        "category": "libc", "self": 0.44}]})


def not_enough():
    """Nobody came: no window to speak of, and not one answer."""
    few = healthy("quiet-server")
    few.update(
        seconds=1.2, window={"from": 0.4, "to": 0.9}, spans=[],
        verdict={"category": "not-enough", "id": "", "title": "", "status": 0,
                 "sentence": "12 requests in 0.5 s: 38 more, and 1.5 s more "
                             "of load, are needed to judge."},
        series=series(12, 1.2, {"cpu_percent": lambda t, i: 0.4,
                                "delay_ms": lambda t, i: 0.1}),
        summary={"requests": 12}, flame={})
    return few


def several():
    """Findings of many kinds, every chart that there is, and goals."""
    many = slow()
    many["title"] = "shop"
    many["findings"] += [
        finding("M1", "memory", "Memory leak", share=0.02,
                function="remember", file="shop/cache.c", line=112,
                sentence="The heap grows by 14 KB a request.",
                fix="Bound the cache.", charts=["memory"]),
        finding("I2", "io", "Slow clients", severity="warning", share=0.01,
                sentence="3.2 MB wait for clients.", charts=["backlog"]),
        finding("S1", "overload", "Shedding", severity="note", share=0.0,
                sentence="1.4 % were refused.", charts=["requests"])]
    data = many["series"]
    count = len(data["t"])
    data["backlog_kb"] = [5 * i for i in range(count)]
    data["shed"] = [i % 5 for i in range(count)]
    data["errors"] = [1 if i % 50 == 0 else 0 for i in range(count)]
    many["summary"]["s5xx"] = 12
    many["spans"] += [
        span(kind, f"handle_{i:02}", f"shop/part_{i % 7}.c:{10 * i + 3}",
             0.0005 * i / 10, 1, 546, method="POST",
             pattern=f"/orders/:id/items/{i}", waits=i, waited_ms=12.5 * i)
        for i in range(1, 25) for kind in ("route",)]
    many["goals"] = [
        {"text": "rps>=4000", "metric": "rps", "want": 4000, "got": 53.0,
         "met": False, "shortfall": "3,947 requests per second short"},
        {"text": "rss<=100MB", "metric": "rss", "want": 100, "got": 18.8,
         "met": True, "shortfall": ""}]
    return many


def goals_missed():
    """Nothing is wrong, and it is not fast enough."""
    well = healthy()
    well["verdict"]["status"] = 3
    well["goals"] = [
        {"text": "rps>=4000", "metric": "rps", "want": 4000, "got": 5866,
         "met": True, "shortfall": ""},
        {"text": "p99<=20ms", "metric": "p99", "want": 20, "got": 23.9,
         "met": False, "shortfall": "3.9 ms too slow"}]
    return well


def long_run():
    """As many points as there may be, over three quarters of an hour."""
    run = healthy("long run")
    run["seconds"] = 2700.0
    run["window"] = {"from": 20.0, "to": 2690.0}
    chance = random.Random(3)
    run["series"] = series(1200, 2700.0, {
        key: lambda t, i: round(50 + 40 * math.sin(t / 200)
                                + 9 * chance.random(), 2) for key in KEYS})
    run["series"]["utilisation"] = [v / 100 for v in
                                    run["series"]["utilisation"]]
    return run


def hostile():
    """Every string wants to be markup, and some values are of other kinds."""
    def spoil(value):
        if isinstance(value, str):
            return HOSTILE
        if isinstance(value, list):
            return [spoil(one) for one in value]
        if isinstance(value, dict):
            return {key: one if key in ("kind", "id", "category", "severity",
                                        "charts") else spoil(one)
                    for key, one in value.items()}
        return value

    bad = several()
    for key in ("title", "created", "libseed", "verdict", "findings", "goals",
                "spans", "flame"):
        bad[key] = spoil(bad[key])
    bad["verdict"]["category"] = "constructor"
    bad["flame"]["categories"] = {HOSTILE: 0.5, "app": 0.5}
    bad["findings"] += [{}, None, 7, {"charts": "cpu", "share": "much"}]
    bad["series"]["rps"][3] = "fast"
    bad["series"]["handles"] = None
    bad["summary"] = {"requests": HOSTILE, "rps": None}
    return bad


def empty():
    """Recorded, and nothing came of it."""
    return recording(
        seconds=0, window={"from": 0, "to": 0}, pid=1,
        verdict={"category": "not-enough", "id": "", "title": "No load seen",
                 "sentence": "No request came.", "status": 0},
        series={key: [] for key in ("t",) + KEYS}, summary={}, overhead={})


ALL = {make.__name__: make for make in (
    slow, healthy, not_enough, several, goals_missed, long_run, hostile,
    empty)}


def text(name):
    return json.dumps(ALL[name]())
