# SPDX-License-Identifier: MIT
"""The log beside pino's own, byte for byte, and under pino-pretty's eyes."""
import json
import os
import random
import re
import signal
import subprocess

import pytest
from wire import SLOW, TOP, program

MODULES = os.path.join(TOP, "build/npm/node_modules")
VARIES = re.compile(r'(?<="time":)\d{13}|(?<="pid":)\d+')


def both(objects, *flags):
    """The lines of libseed and those of pino."""
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n"
                   for each in objects)
    node = ["node", os.path.join(TOP, "test/wire/npm/pino.js")]
    for command in ([program("loglines")], node):
        done = subprocess.run(
            [*command, *flags], input=text, capture_output=True, timeout=120,
            encoding="utf-8", check=False,
            env={**os.environ, "NODE_PATH": MODULES})
        assert done.returncode == 0, done.stderr
        yield VARIES.sub("#", done.stdout).split("\n")[:-1]


def same(objects, *flags):
    ours, theirs = both(objects, *flags)
    assert len(ours) == len(theirs) == len(objects)
    for mine, other in zip(ours, theirs):
        assert mine == other, flags


STRINGS = ["", "plain", 'q"', "back\\slash", "\b\t\n\f\r", "\x01\x1f\x7f",
           "caf\u00e9 \u20ac \U0001f600", "\u2028\u2029", "</script>",
           "x" * 99 + '"', "x" * 100 + '"', "x" * 101 + '"', "y" * 5000]


def test_strings():
    same([{"s": each, "msg": each} for each in STRINGS])
    same([{each: 1, "msg": "m"} for each in STRINGS[1:]])
    same([{"s": "a\x00b", "msg": "m"}])
    same([{"msg": "m", "n": {"s": each}} for each in STRINGS
                   if all(letter >= " " and letter not in "/\x7f"
                          for letter in each)])


def test_numbers():
    numbers = [0, -1, 2 ** 53, 0.1, 1.5, -0.001, 1e21, 1e-7, 5e-324,
               1.7976931348623157e308, 1 / 3, 123456.789, 1e15 + 0.3]
    rest = random.Random(7)
    numbers += [rest.uniform(-1e6, 1e6) for _ in range(500)]
    numbers += [rest.uniform(-1, 1) * 10 ** rest.randint(-300, 300)
                for _ in range(500)]
    numbers += [round(rest.uniform(0, 1e5), rest.randint(0, 9))
                for _ in range(500)]
    same([{"n": each, "msg": "m"} for each in numbers])


def test_everything_else():
    objects = [{"msg": "only a message"}, {"a": 1},
               {"t": True, "f": False, "z": None, "msg": "m"},
               {"a": {"b": [1, "two", None, {"c": []}], "d": {}}, "msg": ""}]
    same(objects)
    same(objects, "--name", 'an "app"')
    same(objects, "--child",
         '{"part":"db","n":{"a":[1,2]},"x":1.5,"no":null}')


# Those of pino's documentation first.
PATHS = [["key"], ["key", "path.to.key", "stuff.thats[*].secret",
                   "path[\"with-hyphen\"]"],
         ["path.*"], ["*.key"], ["*"], ["a[0]"], ["a[*]"], ["a[*].key"],
         ["a.b.*"], ["a.*.b"], ["*.*.key"], ["a.b", "a"], ["a", "a.b"],
         ["*.a", "a.b"], ["a.b.c", "*.b"], ["['a'].b"]]
SECRETS = [
    {"key": "k", "path": {"to": {"key": "s", "other": 1}, "with-hyphen": 2,
                          "key": [1]}, "msg": "m"},
    {"stuff": {"thats": [{"secret": 1, "logme": 2}, {"secret": None}]},
     "msg": "m"},
    {"a": [1, [2], {"key": {"x": 1}}], "msg": "m"},
    {"a": {"b": {"c": 1, "key": 2}, "a": {"b": 3}}, "b": {"a": 1},
     "msg": "m"},
    {"a": "text", "b": 1.5, "c": True, "d": None, "msg": "m"},
]


@pytest.mark.parametrize("paths", PATHS, ids=" ".join)
def test_redaction(paths):
    flags = [part for path in paths for part in ("--redact", path)]
    same(SECRETS, *flags)
    same(SECRETS, *flags, "--censor", 'a "b"')
    if paths != ["*"]:
        same(SECRETS, *flags, "--remove")
        return
    # pino writes "msg":undefined here, which is no JSON.
    ours, _ = both(SECRETS[:1], *flags, "--remove")
    assert ours == ['{"level":10,"time":#}']


def tree(rest, depth):
    kind = rest.randint(0, 5) if depth else rest.randint(0, 2)
    if kind < 3:
        return rest.choice([1, "s", None, True, 2.5])
    if kind == 3:
        return [tree(rest, depth - 1) for _ in range(rest.randint(0, 3))]
    return {key: tree(rest, depth - 1)
            for key in rest.sample("abcd", rest.randint(0, 4))}


def test_redaction_of_anything():
    rest = random.Random(11)
    for _ in range(12):
        objects = [{**{key: tree(rest, 4) for key in rest.sample("abcd", 3)},
                    "msg": "m"} for _ in range(60)]
        flags = []
        for _ in range(rest.randint(1, 4)):
            parts = [rest.choice("abcd")]
            for _ in range(rest.randint(0, 2)):
                parts.append(rest.choice(["a", "b", "c", "d", "*"]))
            flags += ["--redact", ".".join(parts)]
        same(objects, *flags)


class Logging:
    """examples/logging; its standard output goes to pino-pretty."""

    def __init__(self, *arguments, **options):
        self.process = subprocess.Popen(
            [program("logging"), "0", *arguments], stdout=subprocess.PIPE,
            text=True, **options)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20 * SLOW)
        assert self.process.returncode == 0
        return out


def pretty(lines):
    done = subprocess.run(
        ["node", os.path.join(MODULES, ".bin/pino-pretty")],
        input=lines, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return re.sub("\x1b\\[[0-9;]*m", "", done.stdout)


def test_pretty():
    """All lines of a server are understood: none is passed through."""
    logging = Logging()
    first = logging.process.stdout.readline()
    port = re.search(r'"url":"http://localhost:(\d+)"', first)[1]
    for path in ("users/7?a=1", "users/8", "report", "health", "nowhere"):
        subprocess.run(
            ["curl", "-s", "-o", os.devnull, f"http://localhost:{port}/{path}",
             "-H", "X-Request-Id: r-1", "-H", "Authorization: x"],
            check=True, timeout=20)
    lines = first + logging.end()
    text = pretty(lines)

    assert '{"level"' not in text
    heads = re.findall(r"^\[[^\]]+\] (\w+) \(users/(\d+)\): (.*)$", text,
                       re.M)
    assert {pid for _, pid, _ in heads} == {str(logging.process.pid)}
    assert [(level, message) for level, _, message in heads] == [
        ("INFO", "listening"), ("DEBUG", "select"), ("INFO", "found"),
        ("INFO", "request completed"), ("DEBUG", "select"),
        ("INFO", "request completed"), ("ERROR", "no report"),
        ("ERROR", "request errored"), ("INFO", "request completed")]
    for part in ('part: "db"', 'reqId: "r-1"', '"url": "/users/7?a=1"',
                 '"authorization": "[Redacted]"', '"token": "[Redacted]"',
                 '"statusCode": 404', "responseTime: ",
                 "Error: ENOENT: No such file or directory, open",
                 "InternalServerError: there is no report today"):
        assert part in text, part
    assert "never in a log" not in lines
