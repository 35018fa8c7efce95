/* SPDX-License-Identifier: MIT */
/* It is started by a process between that ends at once, and so is the child of
 * whoever takes orphans in. systemd waits for its own children only: it kills
 * another's when it should stop it, and does not notice its end.
 *
 * Between fork and exec only what is safe in a signal handler is called: other
 * threads may have held any lock. */
#include "server/heir.h"

#include <seed/async.h>
#include <seed/error.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    KILLED = 1000, /* ms until somebody has buried a process, or never will */
    PATIENCE = 10  /* ms between looks at one that was told to end */
};

/* --- its start ------------------------------------------------------------ */

/* Nothing of stdio is safe here. */
static void write_pid(char *at)
{
    char digits[24];
    int count = 0;

    for (long pid = getpid(); pid; pid /= 10)
        digits[count++] = (char)('0' + pid % 10);
    while (count)
        *at++ = digits[--count];
    *at = '\0';
}

static _Noreturn void become(const struct heir *heir)
{
    int last = PASSED_FIRST + heir->count;
    pid_t pid = getpid();
    sigset_t none;

    if (write(heir->ready[1], &pid, sizeof pid) != (ssize_t)sizeof pid)
        _exit(126);
    for (int i = 0; i < heir->count; i++) {
        if (dup2(heir->fds[i], PASSED_FIRST + i) < 0)
            _exit(126);
    }
    if (dup2(heir->ready[1], last) < 0)
        _exit(126);

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    write_pid(heir->pid_digits);
    execvpe(heir->arguments[0], heir->arguments, heir->environment);
    _exit(127);
}

/* In the process between. */
static _Noreturn void beget(const struct heir *heir)
{
    if (!_Fork())
        become(heir);
    _exit(0);
}

static void bury(pid_t child)
{
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* The first thing in the pipe. Without it there is no process. */
static bool read_pid(struct heir *heir)
{
    ssize_t got;

    do
        got = read(heir->ready[0], &heir->pid, sizeof heir->pid);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof heir->pid)
        return true;

    errno = EAGAIN; /* what fork() says */
    return false;
}

int seed__heir_start(struct heir *heir)
{
    int high, pair[2];
    pid_t between;

    if (pipe2(pair, O_CLOEXEC))
        return SEED_ESYSTEM;

    /* The child's end must not be where it puts the sockets. */
    high = fcntl(pair[1], F_DUPFD_CLOEXEC, heir->low);
    close(pair[1]);
    heir->ready[0] = pair[0];
    heir->ready[1] = high;
    if (high < 0)
        return SEED_ESYSTEM;

    between = fork();
    if (!between)
        beget(heir);
    if (between < 0)
        return SEED_ESYSTEM;

    close(heir->ready[1]);
    heir->ready[1] = -1;
    bury(between);
    return read_pid(heir) ? 0 : SEED_ESYSTEM;
}

/* --- waiting for it ------------------------------------------------------- */

bool seed__heir_serves(const struct heir *heir, unsigned timeout)
{
    uint64_t end = seed_now() + timeout * UINT64_C(1000000);
    struct pollfd ready = { .fd = heir->ready[0], .events = POLLIN };
    uint64_t now;
    char byte;

    while ((now = seed_now()) < end) {
        int left = (int)((end - now + 999999) / 1000000);
        int found = poll(&ready, 1, left);

        if (found > 0)
            return read(heir->ready[0], &byte, 1) == 1;
        if (found < 0 && errno != EINTR)
            break;
    }
    return false;
}

/* Where this process takes orphans in itself, as the first one of a container
 * does, it is the parent after all. */
static bool is_gone(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) == pid || kill(pid, 0);
}

static bool await_gone(pid_t pid, unsigned timeout)
{
    uint64_t end = seed_now() + timeout * UINT64_C(1000000);
    const struct timespec pause = { 0, PATIENCE * 1000000 };

    while (!is_gone(pid)) {
        if (seed_now() >= end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* That its number is another's by now would take all other numbers between two
 * looks. */
void seed__heir_end(const struct heir *heir, unsigned timeout)
{
    kill(heir->pid, SIGTERM);
    if (await_gone(heir->pid, timeout))
        return;
    kill(heir->pid, SIGKILL);
    await_gone(heir->pid, KILLED);
}
