# SPDX-License-Identifier: MIT
"""Recordings made up for the tests of the flame graph's page: each the same at
every run. Stacks are written as they are folded, with the microseconds of
their top; a frame's file, library and flags stand in a table."""
import json
import random

INLINED, CLONE, INIT = 1, 2, 8

# name: category, module, file, line, flags
FRAMES = {
    "main": ("app", "slow", "examples/main.c", 31, 0),
    "main (init)": ("app", "slow", "examples/main.c", 12, INIT),
    "load_plugins": ("app", "slow", "examples/main.c", 60, INIT),
    "etagger": ("app", "slow", "examples/slow.c", 41, 0),
    "etagger_after": ("app", "slow", "examples/slow.c", 22, 0),
    "content": ("app", "slow", "examples/shared.c", 88, 0),
    "hash_json": ("app", "slow", "examples/shared.c", 25, 0),
    "hash_json.part.0": ("app", "slow", "examples/shared.c", 27, CLONE),
    "to_hex": ("app", "slow", "examples/shared.c", 14, INLINED),
    "seed_run": ("libseed", "slow", "lib/server/run.c", 120, 0),
    "seed__flow_run": ("libseed", "slow", "lib/flow/flow.c", 77, 0),
    "seed_send_json": ("libseed", "slow", "lib/flow/format.c", 52, 0),
    "seed__conn_flush": ("libseed", "slow", "lib/wire/write.c", 64, 0),
    "event_base_loop": ("libevent", "libevent_core-2.1.so.7", "", 0, 0),
    "event_process_active": ("libevent", "libevent_core-2.1.so.7", "", 0, 0),
    "epoll_dispatch": ("libevent", "libevent_core-2.1.so.7", "", 0, 0),
    "json_dumps": ("jansson", "libjansson.so.4", "", 0, 0),
    "do_dump": ("jansson", "libjansson.so.4", "", 0, 0),
    "EVP_Digest": ("openssl", "libcrypto.so.3", "", 0, 0),
    "EVP_DigestUpdate": ("openssl", "libcrypto.so.3", "", 0, 0),
    "sha512_block_data_order": ("openssl", "libcrypto.so.3", "", 0, 0),
    "strlen": ("libc", "libc.so.6", "", 0, 0),
    "memcpy": ("libc", "libc.so.6", "", 0, 0),
    "malloc": ("libc", "libc.so.6", "", 0, 0),
    "sendmsg": ("libc", "libc.so.6", "", 0, 0),
    "epoll_wait": ("libc", "libc.so.6", "", 0, 0),
    "deflate": ("other", "libz.so.1", "", 0, 0),
    "GET /seed/v1": ("span", "", "examples/main.c", 40, 0),
    "use: etagger": ("span", "", "examples/slow.c", 50, 0),
    "after: etagger_after (slow.c:22)": ("span", "", "slow.c", 22, 0),
}

LOOP = "main;seed_run;event_base_loop;event_process_active"
AFTER = LOOP + ";after: etagger_after (slow.c:22);etagger_after"
ROUTE = LOOP + ";GET /seed/v1;seed__flow_run"

SLOW = {
    "main (init);load_plugins;malloc": 40000,
    AFTER: 900000,
    AFTER + ";hash_json": 420000,
    AFTER + ";hash_json;json_dumps;do_dump": 1310000,
    AFTER + ";hash_json;json_dumps;do_dump;memcpy": 330000,
    AFTER + ";hash_json;json_dumps;do_dump;malloc": 160000,
    AFTER + ";hash_json;hash_json.part.0;EVP_Digest;EVP_DigestUpdate;"
    "sha512_block_data_order": 4650000,
    AFTER + ";hash_json;to_hex": 380000,
    AFTER + ";strlen": 760000,
    ROUTE + ";content;hash_json;EVP_Digest;EVP_DigestUpdate;"
    "sha512_block_data_order": 250000,
    ROUTE + ";content;seed_send_json;json_dumps;do_dump": 180000,
    ROUTE + ";content;deflate": 30000,
    LOOP + ";use: etagger;etagger;hash_json": 70000,
    LOOP + ";seed__conn_flush;sendmsg": 210000,
    "main;seed_run;event_base_loop;epoll_dispatch;epoll_wait": 150000,
    "main;seed_run;event_base_loop;epoll_dispatch": 20000,
}

FAST = {
    "main (init);load_plugins;malloc": 40000,
    ROUTE + ";content;seed_send_json;json_dumps;do_dump": 900000,
    ROUTE + ";content": 500000,
    LOOP + ";use: etagger;etagger": 300000,
    LOOP + ";seed__conn_flush;sendmsg": 3900000,
    "main;seed_run;event_base_loop;epoll_dispatch;epoll_wait": 900000,
    AFTER: 100000,
}


class Recording:
    """Grows the JSON of the contract from folded stacks."""

    def __init__(self, title, frames=FRAMES):
        self.title, self.known = title, frames
        self.strings, self.frames = [], []
        self.nodes = [[-1, -1, 0, 0]]
        self.at_string, self.at_frame, self.at_node = {}, {}, {}

    def string(self, text):
        if text not in self.at_string:
            self.at_string[text] = len(self.strings)
            self.strings.append(text)
        return self.at_string[text]

    def frame(self, name):
        if name not in self.at_frame:
            category, module, file, line, flags = self.known[name]
            shown = name.replace(" (init)", "") if flags & INIT else name
            self.at_frame[name] = len(self.frames)
            self.frames.append([
                self.string(shown), self.string(file) if file else -1,
                self.string(module), line, category, flags])
        return self.at_frame[name]

    def add(self, stack, weight):
        at = 0
        self.nodes[0][3] += weight
        for name in stack.split(";"):
            key = at, name
            if key not in self.at_node:
                self.at_node[key] = len(self.nodes)
                self.nodes.append([at, self.frame(name), 0, 0])
            at = self.at_node[key]
            self.nodes[at][3] += weight
        self.nodes[at][2] += weight

    def json(self):
        total = self.nodes[0][3]
        return json.dumps({
            "kind": "seed-flame", "version": 1, "title": self.title,
            "created": "2026-11-28T02:00:00Z", "libseed": "0.1.0",
            "hertz": 99, "seconds": 10.1, "microseconds": total,
            "samples": round(total * 99 / 1e6), "dropped": 0, "truncated": 0,
            "complete": round(total * 99 / 1e6), "unwinder": "tables",
            "strings": self.strings, "frames": self.frames,
            "nodes": self.nodes}).replace("</", "<\\/")


def recording(title, stacks, frames=FRAMES):
    made = Recording(title, frames)
    for stack, weight in stacks.items():
        made.add(stack, weight)
    return made.json()


def slow():
    return recording("seed-server slow", SLOW)


def fast():
    return recording("seed-server fast", FAST)


def empty():
    return recording("idle", {})


def folded(stacks):
    return "".join(f"{stack} {weight}\n" for stack, weight in stacks.items())


HOSTILE = "</script><img src=x onerror=alert(1)>"


def hostile():
    frames = {
        HOSTILE: ("app", "a</script>b", "<!--<script>.c", 1, 0),
        "<b>bold</b>": ("app", "m", "'\"&.c", 2, 0),
        "__proto__": ("libc", "constructor", "toString", 3, 0),
        "\u202egnp.\u2028x\\\"": ("no-such-category", "m", "", 0, 0),
        "a" * 3000: ("app", "m", "f.c", 4, 0),
    }
    return recording(HOSTILE, {
        HOSTILE: 10, HOSTILE + ";<b>bold</b>": 60,
        "__proto__": 20, "\u202egnp.\u2028x\\\"": 5, "a" * 3000: 5}, frames)


def large(nodes=30000, seed=7):
    """Wide and deep: functions of ten libraries that call each other."""
    dice = random.Random(seed)
    kinds = ["app", "libseed", "libevent", "openssl", "jansson", "libc",
             "kernel", "other"]
    frames = {"main": FRAMES["main"]}
    for i in range(900):
        kind = kinds[i % len(kinds)]
        frames[f"{kind}_function_{i}"] = (kind, f"lib{kind}.so.{i % 3}",
                                          f"{kind}/part{i % 40}.c", i, 0)
    names = list(frames)[1:]
    made = Recording("a large program", frames)
    stacks = ["main"]
    while len(made.nodes) < nodes:
        under = stacks[int(len(stacks) * dice.random() ** 1.6)]
        stack = under
        for _ in range(dice.randint(1, 6)):
            if stack.count(";") < 50:
                stack += ";" + dice.choice(names)
        made.add(stack, dice.randint(100, 20000))
        if len(stacks) < 4000:
            stacks.append(stack)
    return made.json()
