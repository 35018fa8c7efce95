/* SPDX-License-Identifier: MIT */
/* The loop: a libevent base, an evhttp on it, and turns.
 *
 * libevent does not say where a turn begins. The first callback of ours that
 * runs is good enough: it reads the clock, counts the turn, and activates
 * `pass`, which libevent runs in the same turn behind everything that is ready.
 * There lies the work that must wait until callbacks have returned, and there
 * the turn ends. */
#include "wire/conn.h"
#include "wire/rescue.h"
#include "wire/pipe.h"

#include "base/clock.h"
#include "base/mem.h"

#include <seed/error.h>

#include <event2/http.h>

#include <stdio.h>
#include <string.h>

void seed__loop_wake(struct loop *loop)
{
    event_active(&loop->pass, EV_TIMEOUT, 0);
}

static void note_turn(struct loop *loop)
{
    uint64_t turns = atomic_load_explicit(&loop->iterations,
        memory_order_relaxed);

    loop->in_turn = true;
    loop->now = seed__now();
    atomic_store_explicit(&loop->busy_since, loop->now, memory_order_relaxed);
    atomic_store_explicit(&loop->iterations, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&loop->thread, pthread_self(),
        memory_order_relaxed);
}

void seed__loop_begin_turn(struct loop *loop)
{
    note_turn(loop);
    seed__loop_wake(loop);
}

static void on_pass(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    /* Woken from outside of any turn: this is the turn, and its end. To
     * activate `pass` again here would run it for ever. */
    if (!loop->in_turn)
        note_turn(loop);
    do {
        seed__accept_fresh(loop);
        seed__port_run_soon(loop);
        seed__conn_work_dirty(loop);
    } while (loop->soon.first);

    loop->in_turn = false;
    if (loop->flow && !loop->finished)
        seed__flow_emit(loop->flow, SEED_ON_TURN, 0);
    atomic_store_explicit(&loop->busy_since, 0, memory_order_relaxed);
    seed__loop_check_done(loop);
}

uint64_t seed__loop_received(const struct loop *loop)
{
    return atomic_load_explicit(&loop->received, memory_order_relaxed);
}

uint64_t seed__loop_backlog(const struct loop *loop)
{
    return atomic_load_explicit(&loop->backlog, memory_order_relaxed);
}

struct seed_loop_state seed__loop_state(const struct loop *loop)
{
    return (struct seed_loop_state){
        atomic_load_explicit(&loop->iterations, memory_order_relaxed),
        atomic_load_explicit(&loop->busy_since, memory_order_relaxed),
    };
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (!config)
        return NULL;
    if (!event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK))
        base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static int open_base(struct loop *loop, struct event_base *base,
    struct evhttp *evhttp)
{
    loop->own_base = !base;
    loop->base = base ? base : make_base();
    if (!loop->base)
        return SEED_ENOMEM;

    event_assign(&loop->pass, loop->base, -1, 0, on_pass, loop);
    loop->own_evhttp = !evhttp;
    loop->evhttp = evhttp ? evhttp : evhttp_new(loop->base);
    return loop->evhttp ? 0 : SEED_ENOMEM;
}

static int open_all(struct loop *loop, struct event_base *base,
    struct evhttp *evhttp)
{
    int error = open_base(loop, base, evhttp);

    if (error)
        return error;

    loop->buffer = seed__alloc(LOOP_BUFFER);
    loop->fields = seed__alloc(LOOP_FIELDS * sizeof *loop->fields);
    if (!loop->buffer || !loop->fields)
        return SEED_ENOMEM;
    seed__doors_open(loop);
    return seed__port_open(loop);
}

int seed__loop_new(struct loop **out, struct event_base *base,
    struct evhttp *evhttp, char *why, size_t room)
{
    struct loop *loop = seed__alloc_zeroed(sizeof *loop);
    int error;

    if (!loop) {
        snprintf(why, room, "%s", seed_strerror(SEED_ENOMEM));
        return SEED_ENOMEM;
    }
    ring_init(&loop->conns);
    ring_init(&loop->dirty);
    ring_init(&loop->later);
    ring_init(&loop->fresh);
    ring_init(&loop->doors);
    ring_init(&loop->closed_doors);
    ring_init(&loop->known);
    ring_init(&loop->timers);
    loop->mail_fd = -1;
    loop->reserve = -1;
    atomic_store(&loop->thread, pthread_self());

    error = open_all(loop, base, evhttp);
    if (error)
        snprintf(why, room, "an event loop cannot be made: %s",
            seed_strerror(error));
    if (!error)
        error = seed__accept_probe(why, room);
    if (error) {
        seed__loop_free(loop);
        return error;
    }
    *out = loop;
    return 0;
}

void seed__loop_count_in(struct loop *loop, struct census *census)
{
    loop->census = census;
}

void seed__loop_serve(struct loop *loop, struct flow *flow)
{
    loop->flow = flow;
    seed__doors_mind(loop);
    seed__accept_start(loop);
}

void seed__loop_close(struct loop *loop)
{
    if (!loop->base || loop->closing)
        return;

    loop->closing = true;
    loop_enter(loop);
    seed__doors_close(loop);
    if (loop->flow)
        seed__accept_stop(loop);
    seed__conn_end_all(loop);
    if (loop->own_evhttp && loop->evhttp)
        evhttp_free(loop->evhttp);
    loop->evhttp = NULL;
    seed__doors_free(loop);
    seed__stop_clear(loop);
    seed__sweep_stop(loop);
    seed__port_drain(loop);
    loop->in_turn = false;
}

void seed__loop_free(struct loop *loop)
{
    if (!loop)
        return;

    seed__loop_close(loop);
    seed__port_close(loop);
    seed__doors_forget(loop);
    if (loop->port.box)
        seed__mailbox_drop(loop->port.box);
    if (event_initialized(&loop->pass))
        event_del(&loop->pass);
    if (loop->own_base && loop->base)
        event_base_free(loop->base);
    seed__conn_free_spare(loop);
    seed__stock_clear(&loop->stock);
    seed__release(loop->fields);
    seed__release(loop->buffer);
    seed__release(loop);
}

struct port *seed__loop_port(struct loop *loop)
{
    return &loop->port;
}

struct event_base *seed__loop_base(struct loop *loop)
{
    return loop->base;
}

struct evhttp *seed__loop_evhttp(struct loop *loop)
{
    return loop->evhttp;
}

static int run(struct loop *loop, int flags)
{
    struct pipe_guard guard;
    int result;

    atomic_store_explicit(&loop->thread, pthread_self(),
        memory_order_relaxed);
    seed__pipe_guard(&guard);
    result = event_base_loop(loop->base, flags);
    seed__pipe_unguard(&guard);
    return result < 0 ? SEED_ELIBEVENT : 0;
}

int seed__loop_run(struct loop *loop)
{
    while (!loop->finished) {
        int error = run(loop, EVLOOP_NO_EXIT_ON_EMPTY);

        if (error)
            return error;
    }
    return 0;
}

int seed__loop_turn(struct loop *loop)
{
    return run(loop, EVLOOP_ONCE);
}

int seed__loop_use_allocator(void)
{
    event_set_mem_functions(seed__rescue_alloc, seed__rescue_resize,
        seed__rescue_release);
    return 0;
}
