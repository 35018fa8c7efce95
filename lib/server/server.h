/* SPDX-License-Identifier: MIT */
/* The public object and its workers, as the files of this room see them.
 *
 * A server is set up on one thread, then served by its workers, one loop and
 * one thread each. What several threads touch is under `lock`; a worker's own
 * things are touched by its own thread only, but for its gate. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "flow/flow.h"
#include "flow/plan.h"
#include "flow/req.h"
#include "server/offload.h"
#include "wire/census.h"
#include "wire/listen.h"
#include "wire/loop.h"
#include "wire/tls.h"
#include "wire/watch.h"

#include <seed/async.h>
#include <seed/server.h>
#include <seed/watch.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct injected;
struct server_slot;
struct turn;

enum server_state {
    SERVER_SETUP,
    SERVER_BUSY,    /* one thread prepares to run, or turns the loop         */
    SERVER_RUNS,   /* until all of its workers have stopped                  */
    SERVER_STOPPED
};

/* One seed_listen(): sockets for every worker, `each` for one of them. */
struct door {
    struct door *next;
    char *path;      /* of a socket file that is ours to remove, or NULL     */
    dev_t device;    /* which file that was                                  */
    ino_t inode;
    struct tls *tls; /* what it speaks, or NULL: plain HTTP                  */
    int each, count;
    bool duplicated; /* the same socket for every worker                     */
    int fds[];       /* `count` of them, -1 once a loop has it; and as many
                      * numbers of those that loops have                     */
};

struct seed_worker {
    seed_server *server;
    unsigned index;
    struct loop *loop;     /* NULL: not made                                 */
    struct flow flow;
    pthread_t thread;
    bool threaded;         /* has a thread of its own, to be joined          */
    bool served;           /* SEED_ON_LISTEN was told                        */
    int result;            /* how its loop ended                             */
    struct slot *slots;
    struct seed_timer *timers;
    struct turn *turns, *spare_turns;
    unsigned spare_turn_count;
    struct injected *injected;
    seed_worker *outer;    /* the next one that this thread is inside of     */

    /* Closed for seed_worker_post() when the worker has stopped. */
    pthread_mutex_t gate;
    bool stopped;

    struct task stop_task, start_task;
    atomic_bool stop_posted;
};

struct seed_server {
    struct plan plan;
    int error;             /* the first error of the setup                   */
    char sentence[768];
    struct door *doors, **last_door;
    int port;
    char url[160];
    bool embedded;         /* on the application's own loop                  */

    seed_worker *workers;
    unsigned worker_count;
    struct census *census; /* of their connections                           */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum server_state state;
    unsigned running;      /* workers that have not stopped                  */

    atomic_bool stopping;
    atomic_uint grace;     /* the shortest that was asked for                */

    struct server_slot *slots; /* slots.c                                    */
    struct {
        void (*hear)(const struct seed_hooked *hooked, void *ctx);
        void *ctx;
    } hearers[4];          /* of hooks being added                           */
    unsigned hearer_count;
    struct seed_watchers watchers; /* those that are ours; watchers.c        */
    struct pool pool;
    pthread_mutex_t reloads; /* one seed_tls_reload() at a time             */
    bool announces;        /* restart.h                                      */
    atomic_uint announced; /* workers that serve                             */
    atomic_bool handing;   /* over to a successor, or has                    */
    atomic_bool quiet;     /* STOPPING=1 is not told, or was                 */
    struct watch *watch;   /* of `signals`, on worker 0's loop               */
    int signals;           /* its line to the signal handler, or -1          */
    unsigned signals_seen;
};

/* server.c: keeps the first error, as a whole sentence. Returns the error
 * that is kept. Only while the server is set up. */
int seed__server_fail(seed_server *server, int error, const char *format, ...)
    SEED_PRINTF(3, 4);
enum server_state seed__server_state(const seed_server *server);

/* Makes a server that is set up busy for this thread, when no other thread
 * has it. Returns the state in which it was found. */
enum server_state seed__server_claim(seed_server *server);
void seed__server_become(seed_server *server, enum server_state state);

/* listeners.c */
int seed__listeners_open(seed_server *server); /* hands them to the loops   */

/* Opens a TCP listener; `tls` is taken, also on failure, or NULL. */
int seed__listeners_add(seed_server *server, const char *host, int port,
    struct tls *tls);

/* The same on an inherited socket, which is taken as well. */
int seed__listeners_add_fd(seed_server *server, int fd, struct tls *tls);
void seed__listeners_close(seed_server *server);

/* Returns 0, or why nothing can be listened on. */
int seed__may_listen(seed_server *server);

/* Listens on inherited sockets that share one address; they are taken, also
 * on failure. Returns 0 or the server's error. */
int seed__listen_group(seed_server *server, const int *fds, int count);

/* The sockets that the loops have, borrowed until the server stops. Returns
 * how many. With the server's lock. */
int seed__listeners_collect(const seed_server *server, int *out, int most);

/* Socket files are somebody else's from here on. */
void seed__listeners_leave(seed_server *server);

/* setup.c: true while handlers and routes may be added. Otherwise keeps the
 * error of `what` at a line, or warns when the server runs already. */
struct place {
    const char *function, *file;
    int line;
};
bool seed__setup_open(seed_server *server, const char *what,
    const struct place *place);

/* slots.c: releases what plugins keep in the server. */
void seed__server_slots_clear(seed_server *server);

/* worker.c */
int seed__workers_make(seed_server *server, unsigned count);
void seed__workers_free(seed_server *server);
void seed__worker_begin(seed_worker *worker); /* told: it serves now         */
void seed__worker_end(seed_worker *worker);   /* its last event              */
bool seed__worker_post(seed_worker *worker, struct task *task);
void seed__worker_ask_to_stop(seed_worker *worker);

/* here.c: which workers this thread is inside of. */
void seed__worker_enter(seed_worker *worker);
void seed__worker_leave(seed_worker *worker);
seed_worker *seed__worker_here(const seed_server *server);

/* start.c: all that comes before the loops turn. Returns 0 or the error. */
int seed__server_start(seed_server *server, bool embedded);

/* async.c */
void seed__timers_end(seed_worker *worker);
void seed__timers_free(seed_worker *worker);
void seed__turns_free(seed_worker *worker);

/* inject.c: no answer will come any more. */
void seed__injected_end(seed_worker *worker);

/* signals.c */
int seed__signals_start(seed_server *server);
void seed__signals_stop(seed_server *server);

#endif
