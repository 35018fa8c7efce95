# SPDX-License-Identifier: MIT
"""Both servers as processes, and what each takes the same bytes for."""
import json
import os
import re
import select
import socket
import subprocess
import tempfile
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))

# fields: pairs of name and value. All of them are bytes.
Message = namedtuple("Message", "method target body fields")

# messages: those accepted, in order; refused: why the next one was not, or
# None.
View = namedtuple("View", "messages refused")


def read_message(text):
    """The message of METHOD.TARGET.BODY.NAME.VALUE..., all in hex."""
    method, target, body, *rest = map(bytes.fromhex, text.split("."))
    return Message(method, target, body, tuple(zip(rest[::2], rest[1::2])))


def read_answers(data):
    """libseed's view, from its answers: those to accepted messages have no
    body, and the one that refuses is the last."""
    messages = []
    while data:
        head, mark, data = data.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        assert mark and status, f"no head of an answer: {head!r}"
        if status[1] == b"100":
            continue
        saw = re.search(rb"\r\nX-Saw: ([0-9a-f.]*)", head)
        if not saw:
            assert int(status[1]) >= 400, f"a strange answer: {head!r}"
            return View(messages, status[1].decode())
        assert status[1] == b"200", f"a strange answer: {head!r}"
        messages.append(read_message(saw[1].decode()))
    return View(messages, None)


class Pair:
    """libseed's mirror and node's. play() gives bytes to both."""

    def __init__(self, *flags):
        self.folder = tempfile.TemporaryDirectory(prefix="seed-pair-")
        self.paths = [os.path.join(self.folder.name, name)
                      for name in ("seed", "node")]
        commands = (
            [os.path.join(BUILD, "test/fuzz/differential/mirror"), "--unix",
             self.paths[0], *flags],
            ["node", os.path.join(HERE, "mirror.js"), self.paths[1]])
        self.processes, self.accepted, self.held = [], 0, b""
        try:
            for command in commands:
                self.processes.append(subprocess.Popen(
                    command, stdout=subprocess.PIPE))
                self.line()
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        wrong = self.end()
        assert kind or not wrong, wrong

    def end(self):
        """Ends both, whatever state they are in; what was wrong, or None."""
        wrong = None
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                wrong = f"{process.args[0]} does not end"
            if process.returncode:
                wrong = wrong or f"{process.args[0]}: {process.returncode}"
        self.folder.cleanup()
        return wrong

    def line(self):
        """A line that the process started last prints; it is there soon."""
        process = self.processes[-1]
        while b"\n" not in self.held:
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready, f"{process.args[0]} says nothing"
            piece = os.read(process.stdout.fileno(), 65536)
            assert piece, f"{process.args[0]} has ended"
            self.held += piece
        line, _, self.held = self.held.partition(b"\n")
        return line

    def send(self, path, data):
        wire = socket.socket(socket.AF_UNIX)
        wire.settimeout(60)
        wire.connect(path)
        try:
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has refused already, and its answer is there
        return wire

    def read(self, wire):
        data = b""
        try:
            while piece := wire.recv(65536):
                data += piece
        except ConnectionResetError:
            pass
        return data

    def view(self, data, wire):
        try:
            return read_answers(self.read(wire))
        except (AssertionError, OSError) as wrong:
            raise AssertionError(f"{wrong} to {data!r}") from wrong

    def play(self, batch, to_node=None):
        """The two views of each of some byte strings. `to_node` are others for
        node: so a test makes differences."""
        node = [self.send(self.paths[1], data) for data in to_node or batch]
        seed = [self.send(self.paths[0], data) for data in batch]
        ours = [self.view(data, wire) for data, wire in zip(batch, seed)]
        theirs = {}
        while len(theirs) < len(batch):
            told = json.loads(self.line())
            theirs[told["connection"]] = View(
                list(map(read_message, told["messages"])), told["error"])
        first = self.accepted + 1
        self.accepted += len(batch)
        for wire in seed + node:
            wire.close()
        return list(zip(ours, (theirs[first + i] for i in range(len(batch)))))
