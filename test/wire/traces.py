# SPDX-License-Identifier: MIT
"""What a profiler or a monitor leaves in a process, by what the kernel knows:
a server that nobody watches has nothing of it."""
import glob
import signal

THREADS = ("seed-flame", "seed-clinic", "seed-monitor")


def signals(pid, kind):
    """The set of signals that status calls so: SigCgt, SigIgn."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        line = next(line for line in status if line.startswith(kind + ":"))
    return int(line.split()[1], 16)


def threads(pid):
    names = []
    for path in glob.glob(f"/proc/{pid}/task/*/comm"):
        try:
            with open(path, encoding="utf-8") as comm:
                names.append(comm.read().strip())
        except OSError:
            continue  # it has just ended
    return names


def traces(pid):
    """In words; an empty set is what a server that is not watched has."""
    found = set(threads(pid)) & set(THREADS)
    bit = 1 << (signal.SIGPROF - 1)
    if (signals(pid, "SigCgt") | signals(pid, "SigIgn")) & bit:
        found.add("SIGPROF has a handler")
    with open(f"/proc/{pid}/timers", encoding="utf-8") as timers:
        if timers.read().strip():
            found.add("timers")
    return found
