/* SPDX-License-Identifier: MIT */
#ifndef SEED_RESTART_H
#define SEED_RESTART_H

#include <seed/types.h>

SEED_BEGIN_C

/* Restarts that lose no request. A listening socket lives as long as some
 * process has it, and who connects meanwhile waits in its queue: so the old
 * process leaves it to the new one instead of closing it.
 *
 *     if (!seed_listen_activated(server, NULL))
 *         seed_listen(server, "localhost", 3000);
 *     seed_announce(server);
 *     return seed_run(server) ? 1 : 0;
 *
 * serves when it is started by hand, by systemd's socket activation
 * (sd_listen_fds(3), sd_notify(3); neither needs libsystemd), and by
 * seed_hand_over() of the process before it. docs/guide/restarts.md says which
 * way is for whom. */

/** Listens on sockets that this process was started with: LISTEN_FDS, for the
 *  process that LISTEN_PID names. Each is taken once, by the first call that
 *  wants it; of several on one address each worker gets its own. They serve
 *  plain HTTP. A socket file is not removed at the end.
 *
 *  name  that of LISTEN_FDNAMES ("app.socket"); NULL: all that are left
 *
 *  Returns how many there were, 0 when none, or the server's first setup
 *  error. */
SEED_API int seed_listen_activated(seed_server *server, const char *name);

/** Tells whoever has started this process: the service manager that
 *  NOTIFY_SOCKET names gets READY=1 when all workers serve, and STOPPING=1 when
 *  the server begins to stop; the process that hands over to this one hears
 *  that it serves. Where neither is, nothing is told. Before the server runs.
 *
 *  Returns 0, or the server's first setup error. */
SEED_API int seed_announce(seed_server *server);

/** Sends lines to the service manager, "STATUS=warming up\nREADY=1"; see
 *  sd_notify(3). At most 1,023 bytes. Any thread.
 *
 *  format  a printf format
 *
 *  Returns 0, also when there is no manager; SEED_EINVAL for a NOTIFY_SOCKET
 *  that is no path, or for more bytes; or SEED_ESYSTEM, with errno. */
SEED_API int seed_notify(const char *format, ...) SEED_PRINTF(1, 2);

/** How a successor is started. Zero in a field means its default. */
struct seed_hand_over {
    /** What main() gets, up to a NULL. The first is the program, which is
     *  looked up in PATH when it has no slash. Borrowed for the call. */
    char *const *arguments;

    /** The name of the server's sockets in LISTEN_FDNAMES, without a colon.
     *  Borrowed. NULL: "http". */
    const char *name;

    /** Milliseconds that it may take to serve. 0: 10,000. */
    unsigned timeout;

    /** Other servers of this process that run, whose sockets go along: that of
     *  the admin listener, for one. Borrowed. */
    struct {
        seed_server *server;
        const char *name;
    } more[4];
};

/** Starts a program that serves on the same sockets beside this one, and waits
 *  until it does (it calls seed_announce()) or has failed. It gets duplicates
 *  of the listening sockets, and what else has no close-on-exec, the
 *  environment with LISTEN_FDS and its kin, and no blocked signals. It is not
 *  this process's child, but that of whoever takes orphans in: the service
 *  manager, or init.
 *
 *  Returns its process number, and then this process should stop:
 *
 *      if (seed_hand_over(server, &how) > 0)
 *          seed_stop(server, 30000);
 *
 *  STOPPING=1 is not told any more, a service manager has been told the new
 *  MAINPID, and a socket file is the successor's. Or returns
 *
 *  SEED_ESTATE   the server does not run, stops, or has a successor already;
 *                or this is the thread of one of its workers, which would not
 *                serve while it waits
 *  SEED_EINVAL   no arguments, or a name with a colon
 *  SEED_EFULL    more than 250 sockets
 *  SEED_ECHILD   the program has ended, or not served in time (it was told to
 *                end, and has)
 *  SEED_ENOMEM, SEED_ESYSTEM
 *
 *  and this process serves on as if nothing had been. Any other thread; the
 *  servers must not be freed meanwhile. */
SEED_API long seed_hand_over_sized(seed_server *server,
    const struct seed_hand_over *how, size_t size);
#define seed_hand_over(server, ...) \
    seed_hand_over_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_hand_over))

SEED_END_C

#endif
