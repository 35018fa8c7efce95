/* SPDX-License-Identifier: MIT */
/* Prepares a server to be recorded, and sees its workers come and go. */
#include "clinic/exam.h"

#include "watch/monitor.h"

#include <seed/doctor.h>

#include <string.h>

static const char key; /* the address of this byte names the exam's place */

struct exam *seed__exam_of(const seed_server *server)
{
    return seed_server_slot(server, &key);
}

/* --- workers -------------------------------------------------------------- */

static int open_desk(struct exam *exam, seed_worker *worker)
{
    struct desk *desk = seed_resize(NULL, sizeof *desk);

    if (!desk)
        return SEED_ENOMEM;

    memset(desk, 0, sizeof *desk);
    if (seed__turns_open(&desk->turns, worker)) {
        seed_release(desk);
        return SEED_ENOMEM;
    }
    atomic_store(&desk->worker, worker);
    atomic_store_explicit(&exam->desks[seed_worker_index(worker)], desk,
        memory_order_release);
    return seed_worker_set(worker, exam, desk);
}

static void on_listen(const seed_event *event, void *ctx)
{
    if (open_desk(ctx, event->worker))
        seed_warn(event->server, "The doctor does not see worker %u: %s.",
            seed_worker_index(event->worker), seed_strerror(SEED_ENOMEM));
}

static void keep_counts(struct desk *desk, const seed_worker *worker)
{
    struct seed_worker_counts counts = seed_worker_counts(worker);

    counter_set(&desk->begun, counts.events[SEED_ON_PRE]);
    counter_set(&desk->ended, counts.events[SEED_ON_AFTER]);
    counter_set(&desk->opened, counts.events[SEED_ON_OPEN]);
    counter_set(&desk->closed, counts.events[SEED_ON_CLOSE]);
    counter_set(&desk->received, counts.received);
}

static void on_stop(const seed_event *event, void *ctx)
{
    struct exam *exam = ctx;
    struct desk *desk = atomic_load(
        &exam->desks[seed_worker_index(event->worker)]);

    if (!desk)
        return;

    seed__monitor_lock();
    keep_counts(desk, event->worker);
    seed__turns_close(&desk->turns);
    atomic_store(&desk->worker, NULL);
    seed__monitor_unlock();
}

static void on_turn(const seed_event *event, void *ctx)
{
    struct desk *desk = seed_worker_slot(event->worker, ctx);

    if (desk)
        seed__turns_end(&desk->turns);
}

bool seed__exam_owns(const void *address)
{
    seed_hook *const own[] = { on_listen, on_stop, on_turn,
        seed__exam_count };

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if ((uintptr_t)own[i] == (uintptr_t)address)
            return true;
    return false;
}

/* --- from prepare to the server's end ------------------------------------- */

static void release(void *value)
{
    struct exam *exam = value;

    seed__doctors_end(exam);
    seed_stall_free(exam->stall);
    for (unsigned i = 0; i < PULSE_WORKERS; i++) {
        struct desk *desk = atomic_load(&exam->desks[i]);

        if (!desk)
            continue;
        seed__exam_forget(desk);
        seed_release(desk);
    }
    pthread_mutex_destroy(&exam->lock);
    seed_release(exam);
}

static int bring_watchers(struct exam *exam)
{
    seed_server *server = exam->server;
    int err = seed_watch(server, &(struct seed_watch){ .ledger = true });

    if (err)
        return err;
    exam->ledger = seed_watchers(server).ledger;
    exam->watched = seed_watchers(server).stall;
    if (!exam->watched)
        exam->watched = exam->stall = seed_stall_new(server,
            &(struct seed_stall_options){ .quiet = true });
    if (!exam->watched)
        return SEED_ENOMEM;
    return seed_on_stall(exam->watched, seed__exam_held, exam);
}

static int add_hooks(struct exam *exam)
{
    static const struct {
        enum seed_on on;
        seed_hook *hook;
    } hooks[] = { { SEED_ON_LISTEN, on_listen }, { SEED_ON_STOP, on_stop },
        { SEED_ON_TURN, on_turn }, { SEED_ON_AFTER, seed__exam_count } };
    int err = seed_on_hooked(exam->server, seed__exam_hear, exam);

    for (size_t i = 0; i < sizeof hooks / sizeof *hooks && !err; i++)
        err = seed_on_at(exam->server, hooks[i].on, hooks[i].hook, exam,
            "seed_doctor", __FILE__, __LINE__);
    return err;
}

static int fail(seed_server *server, int err)
{
    const char *said = seed_server_error(server);

    return said ? err : seed_setup_fail(server, err,
        "The doctor cannot be prepared: %s.", seed_strerror(err));
}

/* From when it has its place in the server, the server frees it. */
static int open_exam(seed_server *server)
{
    struct exam *exam = seed_resize(NULL, sizeof *exam);
    int err;

    if (!exam)
        return SEED_ENOMEM;

    memset(exam, 0, sizeof *exam);
    exam->server = server;
    if (pthread_mutex_init(&exam->lock, NULL)) {
        seed_release(exam);
        return SEED_ENOMEM;
    }
    err = seed_server_set(server, &key, exam, release);
    if (err) {
        release(exam);
        return err;
    }
    err = bring_watchers(exam);
    return err ? err : add_hooks(exam);
}

int seed_doctor_prepare(seed_server *server)
{
    int err;

    if (!server)
        return SEED_ENOMEM;
    if (seed__exam_of(server))
        return seed_server_error(server) ? SEED_ESTATE : 0;

    err = open_exam(server);
    return err ? fail(server, err) : 0;
}
