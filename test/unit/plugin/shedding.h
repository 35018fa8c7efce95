/* SPDX-License-Identifier: MIT */
/* A server behind overload protection whose clock, waits and memory are a
 * test's own. A test that includes this says
 *     link: -Wl,--wrap=... of the functions below */
#ifndef UNIT_SHEDDING_H
#define UNIT_SHEDDING_H

#include <seed.h>
#include <seed/shed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MS UINT64_C(1000000)

/* What the library is told. Milliseconds from some start on. */
static struct {
    _Atomic uint64_t now, turn_began, socket_wait; /* turn_began 0: none */
    _Atomic uint64_t heap, rss;
    _Atomic unsigned asked; /* how often for the socket's wait */
    seed_task *tick;        /* of the timer that was started last */
    void *tick_ctx;
    unsigned tick_ms;
} world = { .now = 1000 * MS };

/* What happened. */
static struct {
    _Atomic unsigned after, handled, said;
    char line[512];
} seen;

uint64_t __wrap_seed_now(void);
uint64_t __wrap_seed_req_socket_wait(const seed_req *req);
struct seed_loop_state __wrap_seed_worker_state(const seed_worker *worker);
uint64_t __wrap_seed__footprint_heap(void);
uint64_t __wrap_seed__footprint_rss(void);
seed_timer *__wrap_seed_timer_start(seed_worker *worker, unsigned ms,
    bool repeat, seed_task *task, void *ctx);

uint64_t __wrap_seed_now(void)
{
    return world.now;
}

uint64_t __wrap_seed_req_socket_wait(const seed_req *req)
{
    (void)req;
    world.asked++;
    return world.socket_wait;
}

struct seed_loop_state __wrap_seed_worker_state(const seed_worker *worker)
{
    (void)worker;
    return (struct seed_loop_state){ 1, world.turn_began };
}

uint64_t __wrap_seed__footprint_heap(void)
{
    return world.heap;
}

uint64_t __wrap_seed__footprint_rss(void)
{
    return world.rss;
}

/* Its ticks are a test's. */
seed_timer *__wrap_seed_timer_start(seed_worker *worker, unsigned ms,
    bool repeat, seed_task *task, void *ctx)
{
    (void)worker;
    (void)repeat;
    world.tick = task;
    world.tick_ctx = ctx;
    world.tick_ms = ms;
    return NULL;
}

static void count_after(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seen.after++;
}

static void hear(const char *line, void *ctx)
{
    (void)ctx;
    seen.said++;
    snprintf(seen.line, sizeof seen.line, "%s", line);
}

static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seen.handled++;
    return seed_send_text(res, 200, "done");
}

/* On the worker's thread, where timers run. */
static inline seed_step tick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    if (world.tick)
        world.tick(world.tick_ctx);
    return seed_send(res, 204);
}

/* Begins a test: time goes on, nothing else is left of the one before. */
static void reset(void)
{
    world.now += 10000 * MS;
    world.turn_began = world.socket_wait = world.heap = world.rss = 0;
    world.asked = 0;
    world.tick = NULL;
    world.tick_ms = 0;
    seen.after = seen.handled = seen.said = 0;
    *seen.line = '\0';
}

struct shedding {
    seed_server *server;
    seed_shed *shed;
};

static struct shedding start(const struct seed_shed_options *options)
{
    struct shedding it;

    reset();
    it.server = seed_server_new(
        &(struct seed_options){ .warn = hear, .no_signals = true });
    it.shed = seed_shed_new(it.server, options);
    assert_non_null(it.shed);
    seed_after(it.server, count_after, NULL);
    seed_use(it.server, seed_shed_load, it.shed);
    seed_get(it.server, "/", work, NULL);
    seed_post(it.server, "/", work, NULL);
    seed_shed_class(seed_get(it.server, "/normal", work, NULL), SEED_NORMAL);
    seed_shed_class(seed_get(it.server, "/sheddable", work, NULL),
        SEED_SHEDDABLE);
    seed_shed_class(seed_get(it.server, "/critical", work, NULL),
        SEED_CRITICAL);
    seed_shed_class(seed_get(it.server, "/health", work, NULL), SEED_EXEMPT);
    seed_shed_class(seed_get(it.server, "/tick", tick, NULL), SEED_EXEMPT);
    return it;
}

static void end(struct shedding *it)
{
    seed_server_free(it->server);
    seed_shed_free(it->shed);
}

static seed_reply *ask_for(struct shedding *it, const char *path)
{
    seed_reply *reply = seed_inject(it->server,
        &(struct seed_injection){ .url = path });

    assert_non_null(reply);
    return reply;
}

static inline int status_of(struct shedding *it, const char *path)
{
    seed_reply *reply = ask_for(it, path);
    int status = seed_reply_status(reply);

    seed_reply_free(reply);
    return status;
}

/* A request that has waited so long in its socket. */
static inline int status_after(struct shedding *it, const char *path,
    uint64_t wait)
{
    world.turn_began = world.now - wait * MS;
    return status_of(it, path);
}

#endif
