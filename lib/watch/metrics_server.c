/* SPDX-License-Identifier: MIT */
/* What the server has done, and what the process is. */
#include "watch/metrics.h"
#include "watch/process.h"

#include <seed/trace.h>
#include <seed/version.h>

struct totals {
    uint64_t events[SEED_ON_COUNT];
    uint64_t hooks[SEED_ON_COUNT]; /* of the worker that has most */
    uint64_t limits[SEED_LIMITS];
    uint64_t received, sent, workers;
};

static void add_worker(struct totals *totals, const struct tally *tally)
{
    struct seed_worker_counts counts = seed_worker_counts(tally->worker);

    totals->workers++;
    totals->sent += counter_get(&tally->sent);
    totals->received += counts.received;
    for (unsigned on = 0; on < SEED_ON_COUNT; on++) {
        totals->events[on] += counts.events[on];
        if (counts.hooks[on] > totals->hooks[on])
            totals->hooks[on] = counts.hooks[on];
    }
    for (unsigned limit = 0; limit < SEED_LIMITS; limit++)
        totals->limits[limit] += counts.limits[limit];
}

static struct totals add_up(const struct seed_metrics *metrics)
{
    struct totals totals = { 0 };

    for (unsigned i = 0; i < METRICS_WORKERS; i++) {
        const struct tally *tally = atomic_load_explicit(
            &metrics->tallies[i], memory_order_acquire);

        if (tally)
            add_worker(&totals, tally);
    }
    return totals;
}

static void put(seed_metrics_out *out, const char *name,
    enum seed_metrics_type type, const char *help, double value)
{
    seed_metrics_family(out, name, type, help);
    seed_metrics_value(out, NULL, value);
}

/* Counters of a worker that is at work are not read in one moment. */
static double open_of(const struct totals *totals, enum seed_on begin,
    enum seed_on end)
{
    uint64_t begun = totals->events[begin], ended = totals->events[end];

    return begun > ended ? (double)(begun - ended) : 0;
}

static void put_hooks(seed_metrics_out *out, const struct totals *totals)
{
    static const char *const lists[SEED_ON_COUNT] = {
        [SEED_ON_PRE] = "list=\"pre\"",
        [SEED_ON_ROUTED] = "list=\"routed\"",
        [SEED_ON_SEND] = "list=\"send\"",
        [SEED_ON_AFTER] = "list=\"after\"",
        [SEED_ON_BAD_REQUEST] = "list=\"bad request\"",
        [SEED_ON_OPEN] = "list=\"open\"",
        [SEED_ON_CLOSE] = "list=\"close\"",
        [SEED_ON_LISTEN] = "list=\"listen\"",
        [SEED_ON_STOPPING] = "list=\"stopping\"",
        [SEED_ON_STOP] = "list=\"stop\"",
        [SEED_ON_TURN] = "list=\"turn\"",
        [SEED_ON_LIMIT] = "list=\"limit\"",
    };

    seed_metrics_family(out, "seed_hooks", SEED_GAUGE,
        "Members of each hook's list, in the worker that has most of them.");
    for (unsigned on = 0; on < SEED_ON_COUNT; on++)
        if (lists[on])
            seed_metrics_value(out, lists[on], (double)totals->hooks[on]);
}

static void put_limits(seed_metrics_out *out, const struct totals *totals)
{
    static const char *const limits[SEED_LIMITS] = {
        [SEED_LIMIT_FIRST_BYTE] = "limit=\"first_byte\"",
        [SEED_LIMIT_HANDSHAKE] = "limit=\"handshake\"",
        [SEED_LIMIT_HEAD] = "limit=\"head\"",
        [SEED_LIMIT_IDLE] = "limit=\"idle\"",
        [SEED_LIMIT_BODY] = "limit=\"body\"",
        [SEED_LIMIT_WRITE] = "limit=\"write\"",
        [SEED_LIMIT_HANDLER] = "limit=\"handler\"",
        [SEED_LIMIT_REQUESTS] = "limit=\"requests\"",
        [SEED_LIMIT_AGE] = "limit=\"age\"",
        [SEED_LIMIT_CONNECTIONS] = "limit=\"connections\"",
        [SEED_LIMIT_ADDRESS] = "limit=\"address\"",
        [SEED_LIMIT_IN_FLIGHT] = "limit=\"in_flight\"",
        [SEED_LIMIT_ACCEPT] = "limit=\"accept\"",
    };

    seed_metrics_family(out, "seed_limits", SEED_COUNTER,
        "Deadlines and limits that were hit.");
    for (unsigned limit = 0; limit < SEED_LIMITS; limit++)
        if (limits[limit])
            seed_metrics_value(out, limits[limit],
                (double)totals->limits[limit]);
}

static void put_server(seed_metrics_out *out, const struct totals *totals)
{
    put(out, "seed_requests_in_flight", SEED_GAUGE,
        "Requests that have begun and are not over.",
        open_of(totals, SEED_ON_PRE, SEED_ON_AFTER));
    put(out, "seed_bad_requests", SEED_COUNTER,
        "Messages that were refused before they were requests.",
        (double)totals->events[SEED_ON_BAD_REQUEST]);
    put(out, "seed_connections", SEED_COUNTER,
        "Connections that were accepted.",
        (double)totals->events[SEED_ON_OPEN]);
    put(out, "seed_connections_open", SEED_GAUGE,
        "Connections that are open.",
        open_of(totals, SEED_ON_OPEN, SEED_ON_CLOSE));
    put(out, "seed_received_bytes", SEED_COUNTER,
        "Bytes that clients sent, heads and bodies.",
        (double)totals->received);
    put(out, "seed_sent_bytes", SEED_COUNTER,
        "Bytes of answers to requests, heads and bodies.",
        (double)totals->sent);
    put(out, "seed_workers", SEED_GAUGE, "Event loops that have served.",
        (double)totals->workers);
    put_limits(out, totals);
    put_hooks(out, totals);
}

static void put_process(seed_metrics_out *out)
{
    struct process process;

    seed__process_look(&process);
    put(out, "process_cpu_seconds", SEED_COUNTER,
        "User and system CPU time of the process.", process.cpu);
    put(out, "process_resident_memory_bytes", SEED_GAUGE,
        "Memory of the process that is in RAM.", (double)process.resident);
    put(out, "process_virtual_memory_bytes", SEED_GAUGE,
        "Address space of the process.", (double)process.virtual);
    put(out, "process_heap_bytes", SEED_GAUGE,
        "Memory that malloc() has given out.", (double)process.heap);
    put(out, "process_threads", SEED_GAUGE, "Threads of the process.",
        (double)process.threads);
    put(out, "process_max_fds", SEED_GAUGE,
        "Most file descriptors that the process may have.",
        (double)process.max_fds);
    put(out, "process_start_time_seconds", SEED_GAUGE,
        "When the process began, in seconds since 1970.", process.started);
}

void seed__metrics_server(seed_metrics_out *out, void *ctx)
{
    struct totals totals = add_up(ctx);
    char version[64] = "";

    put_server(out, &totals);
    put_process(out);
    seed_metrics_family(out, "seed_build_info", SEED_GAUGE,
        "The version of libseed that serves.");
    seed_metrics_value(out, seed_metrics_label(version, sizeof version,
        "version", seed_version()), 1);
}
