# SPDX-License-Identifier: MIT
"""A diagnosed program at a terminal: the load is in the background there, and
what asks the terminal from the background is stopped by the kernel."""
import fcntl
import os
import pty
import subprocess
import termios

import pytest
from wire import program


@pytest.fixture
def terminal():
    """The user's side, and the program's."""
    user, side = pty.openpty()
    yield side
    os.close(user)
    os.close(side)


def run(side, folder, load):
    """The program has the terminal, as one that a shell began: its status,
    and what it said."""
    process = subprocess.Popen(
        [program("seed-server"), "--mode", "fast", "--port", "0"],
        cwd=folder, env={**os.environ, "SEED_FLAME": "flame.json",
                          "SEED_ON_PORT": load},
        stdin=side, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    try:
        err = process.communicate(timeout=40)[1]
    finally:
        process.kill()
    return process.returncode, err


def test_the_input_is_empty(tmp_path, terminal):
    status, err = run(terminal, tmp_path, "cat; test ! -t 0")
    assert status == 0, err


def test_who_asks_the_terminal_is_ended(tmp_path, terminal):
    status, err = run(terminal, tmp_path,
                      "echo $$ >pid; read line </dev/tty; touch after")
    assert status == 2 and "was stopped by signal 21" in err
    assert "must not use the terminal" in err
    assert (tmp_path / "flame.json").exists()
    assert not (tmp_path / "after").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
