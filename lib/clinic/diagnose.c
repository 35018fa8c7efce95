/* SPDX-License-Identifier: MIT */
/* One server a process is diagnosed by the environment's order. A thread of
 * its own starts the load, waits for its end, for SIGUSR2 and for the end of
 * the server, and writes the files: no loop ever waits for a disk.
 *
 *   setup         recordings begin; the thread is made
 *   SEED_ON_LISTEN     the thread starts the load
 *   load ends, SIGUSR2, server stops, process exits     the thread writes
 *   end           who ran the server waits for the thread; exit() if a load
 *                 was ordered
 *   free          of a server that never ran: the next one may be diagnosed */
#include "clinic/diagnose.h"
#include "clinic/load.h"

#include <seed/async.h>
#include <seed/diagnose.h>
#include <seed/error.h>
#include <seed/hook.h>
#include <seed/server.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds: what requests have that are in flight when the load has ended;
 * and what a loop has that does not hear of the stop. */
enum { GRACE = 5000, PATIENCE = 8000 };

static struct diagnosis {
    struct orders orders;
    struct recordings recordings;
    struct load load;
    seed_server *server;
    int port;
    char url[200];
    pthread_t thread;
    pid_t owner;              /* a child of fork() has no such thread */
    sem_t wake;
    bool loaded;              /* the command was started */
    struct sigaction before;  /* of SIGUSR2 */
} one;

static const char key;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static bool claimed, has_thread; /* under the gate */
static _Atomic bool heard, listens, asked, over, dropped;
static pthread_once_t at_exit = PTHREAD_ONCE_INIT;

/* --- the thread ----------------------------------------------------------- */

static void start_load(void)
{
    int err = seed__load_start(&one.load, one.orders.load, one.port, one.url);

    one.loaded = true;
    if (!err)
        return;
    fprintf(stderr, "SEED_ON_PORT: /bin/sh cannot be started: %s.\n",
        strerror(err));
    one.recordings.status = 2;
    seed_stop(one.server, GRACE);
}

static void judge_load(void)
{
    int status = one.load.status;

    if (!status && !one.load.stopped)
        return;
    if (one.load.stopped)
        fprintf(stderr, "SEED_ON_PORT: \"%s\" was stopped by signal %d (%s), "
            "and therefore ended: it must not use the terminal.\n",
            one.orders.load, one.load.stopped, strsignal(one.load.stopped));
    else if (status < 0)
        fprintf(stderr, "SEED_ON_PORT: how \"%s\" ended is not known, since"
            " the program waits for all its children.\n", one.orders.load);
    else
        fprintf(stderr, "SEED_ON_PORT: \"%s\" failed with status %d.\n",
            one.orders.load, status);
    one.recordings.status = 2;
}

/* True: there is nothing more to wait for. */
static bool look(void)
{
    if (atomic_exchange(&asked, false)) {
        seed__recordings_write(&one.recordings);
        seed__recordings_begin(&one.recordings);
    }
    if (one.orders.load && !one.loaded && atomic_load(&listens))
        start_load();
    if (!one.load.pid || !seed__load_ended(&one.load))
        return false;

    judge_load();
    seed__recordings_end(&one.recordings);
    seed_stop(one.server, GRACE);
    return true;
}

static struct timespec in_ms(long milliseconds)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += milliseconds / 1000;
    at.tv_nsec += milliseconds % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* A load's end is asked for ten times a second, all else tells by itself. */
static void wait_for_news(void)
{
    struct timespec until;

    if (!one.load.pid) {
        while (sem_wait(&one.wake) && errno == EINTR)
            ;
        return;
    }
    until = in_ms(100);
    sem_timedwait(&one.wake, &until);
}

/* A loop that is blocked for good is what a doctor is called for; its process
 * must not be what a CI waits for. */
static void insist(void)
{
    struct timespec until = in_ms(PATIENCE);
    int status = one.recordings.status ? one.recordings.status : 1;

    while (!atomic_load(&over))
        if (sem_timedwait(&one.wake, &until) && errno == ETIMEDOUT)
            break;
    if (atomic_load(&over))
        return;
    fprintf(stderr, "SEED_ON_PORT: all is recorded and written, but %d s after "
        "it was asked to stop a handler still holds a loop of the server. The "
        "process ends without it now, with status %d.\n", PATIENCE / 1000,
        status);
    _exit(status);
}

static void *run(void *ctx)
{
    bool written = false;

    (void)ctx;
    while (!written && !atomic_load(&over)) {
        wait_for_news();
        written = look();
    }
    if (written) {
        insist();
        return NULL;
    }
    if (!atomic_load(&dropped))
        seed__recordings_end(&one.recordings);
    if (one.load.pid || (one.orders.load && !one.loaded
            && !atomic_load(&dropped))) {
        fprintf(stderr, "SEED_ON_PORT: the server was stopped before \"%s\" "
            "had ended.\n", one.orders.load);
        one.recordings.status = 2;
    }
    seed__load_end(&one.load);
    return NULL;
}

/* --- who wakes it --------------------------------------------------------- */

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    atomic_store(&asked, true);
    sem_post(&one.wake);
    errno = saved;
}

static void on_listen(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (atomic_exchange(&heard, true))
        return;
    one.port = seed_server_port(event->server);
    snprintf(one.url, sizeof one.url, "%s", seed_server_url(event->server));
    atomic_store(&listens, true);
    sem_post(&one.wake);
}

/* The application's own loop: behind it nobody asks us. */
static void on_stop(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (seed_server_embedded(event->server))
        seed__diagnose_end(event->server);
}

static void finish(void)
{
    pthread_t thread = one.thread;
    bool mine;

    if (one.owner != getpid())
        return;
    pthread_mutex_lock(&gate);
    mine = has_thread && !pthread_equal(thread, pthread_self());
    has_thread = has_thread && !mine;
    pthread_mutex_unlock(&gate);
    if (!mine)
        return;

    atomic_store(&over, true);
    sem_post(&one.wake);
    pthread_join(thread, NULL);
    sigaction(SIGUSR2, &one.before, NULL);
}

static void register_finish(void)
{
    atexit(finish);
}

/* Whose the diagnosis is, when there is one. */
static const seed_server *claimant(void)
{
    const seed_server *server;

    pthread_mutex_lock(&gate);
    server = claimed ? one.server : NULL;
    pthread_mutex_unlock(&gate);
    return server;
}

static void give_claim_back(void)
{
    pthread_mutex_lock(&gate);
    claimed = false;
    pthread_mutex_unlock(&gate);
}

void seed__diagnose_end(const seed_server *server)
{
    bool exits;

    if (claimant() != server)
        return;

    finish();
    exits = one.orders.load != NULL;
    give_claim_back();
    if (exits)
        exit(one.recordings.status);
}

static void let_go(void)
{
    finish();
    seed_doctor_free(one.recordings.doctor);
    seed_flame_free(one.recordings.flame);
    give_claim_back();
}

void seed__diagnose_drop(const seed_server *server)
{
    const seed_server *of = claimant();
    struct orders orders;
    char why[500];

    if (of && of != server)
        return;
    if (of) {
        atomic_store(&dropped, true);
        let_go();
    }
    seed__orders_read(&orders, why, sizeof why);
    if (!orders.load || !seed__orders_any(&orders))
        return;
    fprintf(stderr, "%s\n", seed_server_error(server));
    exit(2);
}

/* The server is freed, and nobody behind seed_run() has asked: mostly since it
 * never ran, and then there is nothing to write. */
static void on_free(void *server)
{
    if (claimant() != server || one.owner != getpid())
        return;
    atomic_store(&dropped, !atomic_load(&listens));
    let_go();
}

/* --- setting up ----------------------------------------------------------- */

/* Signals are for the application's own threads. */
static int make_thread(void)
{
    sigset_t all, before;
    int err;

    atomic_store(&over, false);
    atomic_store(&asked, false);
    atomic_store(&heard, false);
    atomic_store(&listens, false);
    atomic_store(&dropped, false);
    one.owner = getpid();
    sem_init(&one.wake, 0, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&one.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!err)
        pthread_setname_np(one.thread, "seed-clinic");
    return err;
}

static void catch_signal(void)
{
    struct sigaction act = { .sa_flags = SA_RESTART };

    act.sa_handler = on_signal;
    sigemptyset(&act.sa_mask);
    sigaction(SIGUSR2, &act, &one.before);
}

/* With the gate held. */
static int begin(seed_server *server)
{
    int err;

    one.server = server;
    one.loaded = false;
    one.load = (struct load){ 0 };
    one.recordings = (struct recordings){ .orders = &one.orders,
        .server = server };
    err = seed__recordings_begin(&one.recordings);
    if (!err)
        err = seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    if (!err)
        err = seed_on(server, SEED_ON_STOP, on_stop, NULL);
    if (!err)
        err = seed_server_set(server, &key, server, on_free);
    if (!err && make_thread())
        err = seed_setup_fail(server, SEED_ENOMEM, "There can be no thread "
            "for SEED_DOCTOR and SEED_FLAME.");
    if (err) {
        seed_doctor_free(one.recordings.doctor);
        seed_flame_free(one.recordings.flame);
        return err;
    }
    claimed = has_thread = true;
    pthread_once(&at_exit, register_finish);
    catch_signal();
    return 0;
}

int seed_diagnose_from_env(seed_server *server)
{
    struct orders orders;
    char why[500];
    int err;

    if (!server)
        return SEED_ENOMEM;
    err = seed__orders_read(&orders, why, sizeof why);
    if (err)
        return seed_setup_fail(server, err, "%s", why);
    if (!seed__orders_any(&orders))
        return 0;

    pthread_mutex_lock(&gate);
    if (!claimed) {
        one.orders = orders;
        err = begin(server);
    }
    pthread_mutex_unlock(&gate);
    return err;
}
