/* SPDX-License-Identifier: MIT */
#ifndef SEED_WATCH_H
#define SEED_WATCH_H

#include <seed/admin.h>
#include <seed/lag.h>
#include <seed/ledger.h>
#include <seed/log.h>
#include <seed/metrics.h>
#include <seed/stall.h>
#include <seed/types.h>

SEED_BEGIN_C

/* All watchers by one call, each in its usual form:
 *
 *     seed_watch(server, &(struct seed_watch){
 *         .log = "app.log", .admin = "localhost:9000" });
 *
 * Whoever wants one otherwise makes it by its own header, log.h, metrics.h and
 * so on; both ways go together. What is not asked for is not there, and costs
 * nothing. docs/guide/observing.md has what each costs.
 *
 * seed_run() also asks the environment, for what the program has not asked
 * for, unless the options say `no_environment`. A program that has more rights
 * than its caller asks nothing.
 *
 * | variable         | as                                              |
 * |------------------|-------------------------------------------------|
 * | SEED_LOG         | log                                             |
 * | SEED_LOG_LEVEL   | log_level: a number, or trace to fatal, silent. |
 * |                  | Also of a log that the program has asked for by |
 * |                  | seed_watch()                                    |
 * | SEED_ADMIN       | admin                                           |
 * | SEED_ADMIN_TOKEN | token                                           |
 * | SEED_STALL       | stall                                           |
 *
 * and for recordings, by SEED_DOCTOR, SEED_FLAME and more: see diagnose.h. */

/** What to watch by. Zero in a field: not at all. Strings are copied. */
struct seed_watch {
    /** A file that a line for every request is appended to, and libseed's
     *  warnings; "-": standard output. SIGHUP opens the file anew, unless the
     *  server's options say `no_signals`. */
    const char *log;
    int log_level; /* the first that is written. 0: SEED_LOG_INFO           */

    bool metrics;  /* counts requests, for seed_metrics_send()              */
    bool ledger;   /* times every function, for seed_ledger_send()          */
    bool lag;      /* measures the loops, for seed_lag()                    */
    unsigned stall; /* reports turns of a loop over so many milliseconds,
                     * at least 10: 42 is a good number                     */

    /** The address of the admin listener; see struct seed_admin_options. It
     *  brings metrics, ledger and lag with it, /doctor and /flame. */
    const char *admin;
    const char *token;

    /** Makes the server ready for seed_doctor_start() while it runs. The admin
     *  listener does so for its /doctor. */
    bool doctor;
};

/** Starts watchers, before the server runs. They are freed with it. May be
 *  called again for what is not there yet: what is stays as it is.
 *
 *  watch  borrowed for the call
 *
 *  Returns 0, or the server's setup error. */
#define seed_watch(server, ...) \
    seed_watch_sized((server), (__VA_ARGS__), sizeof(struct seed_watch))
SEED_API int seed_watch_sized(seed_server *server,
    const struct seed_watch *watch, size_t size);

/** The watchers that seed_watch() and the environment have started; the others
 *  are NULL. */
struct seed_watchers {
    seed_log *log;
    seed_metrics *metrics;
    seed_ledger *ledger;
    seed_lag_watch *lag;
    seed_stall_watch *stall;
    seed_admin *admin;
};

/** Tells which they are: to log more lines, add sources of metrics, or send
 *  them elsewhere. Borrowed from the server. Zeroes for a NULL. */
SEED_API struct seed_watchers seed_watchers(const seed_server *server);

SEED_END_C

#endif
