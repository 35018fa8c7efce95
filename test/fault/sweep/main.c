/* SPDX-License-Identifier: MIT */
/* Everything that can fail fails once. A scenario is a server's whole life
 * around one request; it is lived with its first allocation failing, then with
 * its second, and so on, until none is left to fail; then with its first
 * accept4(), and each other system call, by each error that may come of it.
 * Allocations are those of libseed, libevent, jansson and OpenSSL together
 * (seed_use_allocator()); calls are what those three and libseed ask of libc.
 *
 * Whatever fails: nothing crashes or hangs, no memory and no descriptor is
 * left, and a server that came to serve answers the next request.
 *
 *     sweep [allocations|calls [SCENARIO [CALL]]]
 *
 * SWEEP_MOST=N lets at most N allocations of a scenario fail, spread over all
 * of them, and a fifth of that of each call: TLS handshakes make thousands.
 *
 * "sweep: N passed, M failed" */
#include "fate.h"
#include "life.h"

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 50000, SECONDS = 30, WARM = 3 };

/* What may come of a call. That of a socket which says EAGAIN while bytes are
 * there may hang until its deadline, for no edge comes; others must not. */
static const struct {
    enum fate fate;
    int errors[8]; /* up to the first 0 */
} calls[] = {
    { FATE_socket, { EMFILE, ENFILE, ENOBUFS, ENOMEM } },
    { FATE_bind, { EADDRINUSE, EACCES } },
    { FATE_listen, { EADDRINUSE } },
    { FATE_connect, { ECONNREFUSED, EADDRNOTAVAIL } },
    { FATE_accept4, { EAGAIN, EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS,
        EPERM } },
    { FATE_getsockname, { ENOBUFS } },
    { FATE_getpeername, { ENOTCONN, ENOBUFS } },
    { FATE_getsockopt, { ENOBUFS } },
    { FATE_setsockopt, { ENOBUFS, EINVAL } },
    { FATE_shutdown, { ENOTCONN } },
    { FATE_socketpair, { EMFILE } },
    { FATE_epoll_create1, { EMFILE, ENOMEM } },
    { FATE_epoll_ctl, { ENOMEM, ENOSPC } },
    { FATE_epoll_wait, { EINTR } },
    { FATE_poll, { EINTR, ENOMEM } },
    { FATE_eventfd, { EMFILE, ENFILE, ENOMEM } },
    { FATE_pipe, { EMFILE, ENFILE } },
    { FATE_pipe2, { EMFILE, ENFILE } },
    { FATE_timerfd_create, { EMFILE } },
    { FATE_timerfd_settime, { EINVAL } },
    { FATE_fcntl, { EMFILE, EINTR } },
    { FATE_ioctl, { ENOMEM } },
    { FATE_open, { EMFILE, ENFILE, EACCES, EINTR } },
    { FATE_unlink, { EACCES } },
    { FATE_close, { EINTR, EIO } },
    { FATE_read, { SHORT, EAGAIN, EINTR, EIO } },
    { FATE_readv, { SHORT, EAGAIN, EINTR, ECONNRESET } },
    { FATE_pread, { SHORT, EINTR, EIO } },
    { FATE_recv, { SHORT, EAGAIN, EINTR, ECONNRESET, ETIMEDOUT, ENOMEM } },
    { FATE_write, { SHORT, EAGAIN, EINTR, ENOSPC, EPIPE } },
    { FATE_writev, { SHORT, EAGAIN, EINTR, EPIPE, ECONNRESET } },
    { FATE_send, { SHORT, EAGAIN, EINTR, EPIPE, ECONNRESET, ENOBUFS } },
    { FATE_sendmsg, { SHORT, EAGAIN, EINTR, EPIPE, ECONNRESET, ENOBUFS } },
    { FATE_sendfile, { SHORT, EAGAIN, EINTR, EPIPE, EIO, ENOMEM } },
    { FATE_mmap, { ENOMEM } },
    { FATE_getentropy, { ENOSYS } },
    { FATE_pthread_create, { EAGAIN } },
};

/* Where a child was when it died. */
static struct place {
    enum fate fate;
    int error;
    long n, lives;
} *at;

static const char *only_call;
static long most = MOST;

static const char *live(const struct scenario *scenario, enum fate fate,
    int error, long n)
{
    *at = (struct place){ fate, error, n, at->lives + 1 };
    fate_set(fate, error, n);
    alarm(SECONDS);
    return life_live(scenario);
}

static long held(void)
{
    return memory_held() + descriptors_held();
}

static const char *error_name(int error)
{
    return error == SHORT ? "SHORT" : strerrorname_np(error);
}

static void complain(const struct scenario *scenario, const char *what)
{
    printf("  %-14s %s %ld, %s: %s\n", scenario->name, fate_name(at->fate),
        at->n, error_name(at->error), what);
}

/* Each step-th, until none is left to fail. Returns where that was; -1: it is
 * wrong. */
static long fail_each(const struct scenario *scenario, enum fate fate,
    int error, long step)
{
    long before = held(), n;

    for (n = 0; n < MOST; n += step) {
        const char *wrong = live(scenario, fate, error, n);

        /* A library may keep something from its first error on, as OpenSSL
         * does; what leaks is there twice after two. */
        if (!wrong && held() > before) {
            before = held();
            wrong = live(scenario, fate, error, n);
            if (!wrong && held() > before)
                wrong = "something is left";
        }
        if (wrong) {
            complain(scenario, wrong);
            printf("    blocks %ld, descriptors %ld, answered \"%.20s\"\n",
                memory_held(), descriptors_held(), life_reply());
            return -1;
        }
        if (!fate_met())
            break;
    }
    return n;
}

/* What libraries keep for the life of the process is there then. */
static bool warm_up(const struct scenario *scenario)
{
    for (int i = 0; i < WARM; i++) {
        const char *wrong = live(scenario, FATE_ALLOCATION, 0, -1);

        if (!wrong)
            continue;
        complain(scenario, wrong);
        return false;
    }
    return true;
}

static bool sweep_allocations(const struct scenario *scenario)
{
    bool good = warm_up(scenario);
    long step = 1 + fate_seen(FATE_ALLOCATION) / most, count;

    count = good ? fail_each(scenario, FATE_ALLOCATION, ENOMEM, step) : -1;
    if (!count)
        complain(scenario, "there was nothing to fail");
    if (count > 0)
        printf("  %-14s %6ld allocations%s\n", scenario->name, count,
            step > 1 ? ", some of them" : "");
    return count > 0;
}

static bool sweep_calls(const struct scenario *scenario)
{
    long seen[FATES], kinds = 0, step, lives;
    bool good = warm_up(scenario);

    for (int i = 0; i < FATES; i++)
        seen[i] = fate_seen((enum fate)i);
    lives = at->lives;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const char *name = fate_name(calls[i].fate);

        if (!seen[calls[i].fate] || (only_call && strcmp(name, only_call)))
            continue;
        kinds++;
        step = 1 + 5 * seen[calls[i].fate] / most;
        for (const int *error = calls[i].errors; *error; error++)
            good &= fail_each(scenario, calls[i].fate, *error, step) >= 0;
    }
    if (good)
        printf("  %-14s %6ld lives, %ld kinds of calls\n", scenario->name,
            at->lives - lives, kinds);
    return good && kinds;
}

static const struct sweep {
    const char *name;
    bool (*run)(const struct scenario *scenario);
} sweeps[] = {
    { "allocations", sweep_allocations },
    { "calls", sweep_calls },
};

/* In a process of its own: who dies is told of, and the others go on. */
static bool run(const struct sweep *sweep, const struct scenario *scenario)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (!child) {
        if (seed_use_allocator(memory_allocate, memory_resize,
                memory_release))
            _exit(4);
        exit(!sweep->run(scenario));
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) || WEXITSTATUS(status) > 1) {
        complain(scenario, WTERMSIG(status) == SIGALRM ? "hangs" : "dies");
        printf("    status %x\n", (unsigned)status);
    }
    return status == 0;
}

static void quiet(int severity, const char *message)
{
    (void)severity;
    (void)message;
}

/* By a child: who uses the allocator of a sweep has not allocated before. */
static bool prepare(void)
{
    int status = 1;
    pid_t child = fork();

    if (!child)
        _exit(!life_prepare());
    waitpid(child, &status, 0);
    return !status;
}

static int sweep_all(int argc, char **argv)
{
    int passed = 0, bad = 0;

    for (size_t k = 0; k < sizeof sweeps / sizeof *sweeps; k++) {
        if (argc > 1 && strcmp(argv[1], sweeps[k].name))
            continue;
        printf("%s\n", sweeps[k].name);
        for (int i = 0; i < scenario_count; i++) {
            if (argc > 2 && strcmp(argv[2], scenarios[i].name))
                continue;
            if (run(&sweeps[k], &scenarios[i]))
                passed++;
            else
                bad++;
        }
    }
    printf("sweep: %d passed, %d failed\n", passed, bad);
    return bad || !passed;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/seed-sweep-XXXXXX", command[64];
    int result;

    at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    only_call = argc > 3 ? argv[3] : NULL;
    if (getenv("SWEEP_MOST"))
        most = strtol(getenv("SWEEP_MOST"), NULL, 10);
    if (most < 1)
        most = MOST;
    event_set_log_callback(quiet);
    if (at == MAP_FAILED || !mkdtemp(folder)) {
        perror("sweep");
        return 2;
    }
    life_choose(folder);
    result = !prepare() || sweep_all(argc, argv);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) ? 2 : result;
}
