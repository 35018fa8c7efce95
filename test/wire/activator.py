# SPDX-License-Identifier: MIT
"""A small service manager: opens sockets and starts servers on them as
sd_listen_fds(3) says, and hears what they tell it as sd_notify(3) says."""
import fcntl
import os
import re
import signal
import socket
import tempfile
import time

from wire import SLOW, Wire, program

FIRST = 3


class Activator:
    """Sockets that outlive the servers which it starts on them."""

    def __init__(self, sockets=(("app.socket", None),)):
        """Pairs of a name and a Unix socket's path; None: a free port."""
        self.folder = tempfile.TemporaryDirectory()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.folder.name + "/notify")
        self.names = [name for name, _ in sockets]
        self.sockets = [self.open(path) for _, path in sockets]
        self.started = []
        self.path = sockets[0][1]
        self.port = 0 if self.path else self.sockets[0].getsockname()[1]

    @staticmethod
    def open(path):
        if path:
            own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            own.bind(path)
        else:
            own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            own.bind(("127.0.0.1", 0))
        own.listen(1024)
        return own

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for service in self.started:
            service.kill()
        for own in [*self.sockets, self.notify]:
            own.close()
        self.folder.cleanup()

    def start(self, name, *flags, **environment):
        service = Service(self, name, flags, environment)
        self.started.append(service)
        return service

    def told(self, seconds=5):
        """The next thing that a server has told."""
        self.notify.settimeout(seconds * SLOW)
        return self.notify.recv(4096).decode()

    def ready(self):
        """When the server that was started last serves, and not before: until
        then SIGTERM ends it as any program."""
        while "READY=1" not in self.told().split("\n"):
            pass

    def silent(self):
        self.notify.settimeout(0.05)
        try:
            return not self.notify.recv(4096)
        except socket.timeout:
            return True

    def connect(self, **options):
        return Wire(self, **options)

    def get(self, path, **options):
        with self.connect(**options) as wire:
            return wire.ask(path)


class Service:
    """A process that was given the sockets; LISTEN_PID is its own number."""

    def __init__(self, activator, name, flags, environment):
        self.ended = None
        self.out = tempfile.TemporaryFile("w+")
        high = [fcntl.fcntl(own.fileno(), fcntl.F_DUPFD_CLOEXEC, 200)
                for own in activator.sockets]
        moves = [(os.POSIX_SPAWN_DUP2, fd, FIRST + index)
                 for index, fd in enumerate(high)]
        moves += [(os.POSIX_SPAWN_DUP2, self.out.fileno(), to)
                  for to in (1, 2)]
        self.pid = os.posix_spawn(
            "/bin/sh", ["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"',
                        program(name), *flags],
            {**os.environ, "LISTEN_FDS": str(len(high)),
             "LISTEN_FDNAMES": ":".join(activator.names),
             "NOTIFY_SOCKET": activator.folder.name + "/notify",
             **environment}, file_actions=moves)
        for fd in high:
            os.close(fd)

    def signal(self, number=signal.SIGTERM):
        os.kill(self.pid, number)

    def output(self):
        self.out.seek(0)
        return self.out.read()

    def wait(self, seconds=10):
        """Its exit status, once it has ended."""
        end = time.monotonic() + seconds * SLOW
        while self.ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = os.waitstatus_to_exitcode(status)
                break
            assert time.monotonic() < end, "it goes on: " + self.output()
            time.sleep(0.01)
        return self.ended

    def kill(self):
        if self.ended is None:
            self.signal(signal.SIGKILL)
            self.wait()


def kill_marked(mark):
    """Ends those whose environment has NAME=VALUE: successors are nobody's
    children, and a test that fails must not leave them."""
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                marked = mark.encode() in file.read().split(b"\0")
        except OSError:
            continue
        if marked and int(entry) != os.getpid():
            os.kill(int(entry), signal.SIGKILL)


def await_gone(pid, seconds=10):
    """Waits for a process that is nobody's child here."""
    end = time.monotonic() + seconds * SLOW
    while alive(pid):
        assert time.monotonic() < end, f"process {pid} goes on"
        time.sleep(0.01)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return not re.search(r"\) [ZX] ", file.read())
    except FileNotFoundError:
        return False


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return int(file.read().rpartition(")")[2].split()[1])
