/* SPDX-License-Identifier: MIT */
/* The monitor's look at each loop, every 10 ms:
 *
 *   a turn of some age      its account goes on: computed, slept, starved
 *   over the threshold      judged and counted; its text is read
 *   and asleep              the stack is searched from outside: told
 *   and awake               the stack is asked for; told at the next look
 *
 * What a stall was is told as it was when it was found, though the turn may be
 * over by then. */
#include "watch/account.h"
#include "watch/monitor.h"
#include "watch/stall.h"

#include <stdio.h>
#include <string.h>

enum { HOOKS = 4, LOOK_EVERY = 10, GIVE_UP = 50, IN_A_ROW = 6 };

static const uint64_t msec = 1000000, second = 1000000000;

struct watched {
    struct pulse pulse;
    pthread_t thread;
    struct track *track;
    struct account account;
    unsigned step;    /* of this turn: how often its limit was passed */
    bool asked;       /* for the stack of `stall` */
    uint64_t asked_at;
    struct stack answer;
    struct stall stall;
};

struct seed_stall_watch {
    seed_server *server;
    struct monitored monitored;
    uint64_t threshold;
    bool quiet;
    struct {
        seed_stall_hook *hook;
        void *ctx;
    } hooks[HOOKS];
    unsigned hook_count;
    _Atomic uint64_t counts[SEED_STALL_CAUSES];
    uint64_t spent[SEED_STALL_CAUSES];       /* reports, a second each */
    unsigned long muted[SEED_STALL_CAUSES];  /* turns since the last one */
    _Atomic(struct watched *) workers[PULSE_WORKERS];
    _Atomic unsigned end; /* of those that were ever there */
};

/* --- telling -------------------------------------------------------------- */

static void warn(seed_stall_watch *watch, const seed_stall *stall)
{
    unsigned long *more = &watch->muted[stall->cause];
    char line[500];

    seed_warn(watch->server, "%s",
        seed__stall_line(stall, *more, line, sizeof line));
    *more = 0;
    if (stall->frame_count)
        seed_warn(watch->server, "Stall: by %s%s", stall->stack,
            stall->searched ? " (read from outside)" : "");
}

static void tell(seed_stall_watch *watch, struct watched *worker)
{
    struct stall *stall = &worker->stall;

    worker->asked = false;
    seed__stall_name_stack(stall);
    for (unsigned i = 0; i < watch->hook_count; i++)
        watch->hooks[i].hook(&stall->told, watch->hooks[i].ctx);
    if (!watch->quiet)
        warn(watch, &stall->told);
}

/* The stack that was asked for. A thread without a processor cannot answer; it
 * may do so later, and nobody waits for that. */
static void collect(seed_stall_watch *watch, struct watched *worker,
    uint64_t now)
{
    struct stall *stall = &worker->stall;
    int state = atomic_load(&worker->answer.state);

    if (state == STACK_TAKEN) {
        stall->told.frame_count = worker->answer.count;
        memcpy(stall->frames, worker->answer.frames, sizeof stall->frames);
    }
    if (state == STACK_TAKEN || state == STACK_MISSED
        || now - worker->asked_at > GIVE_UP * msec)
        tell(watch, worker);
}

/* --- finding -------------------------------------------------------------- */

static double share(uint64_t part, const struct account *account)
{
    return (double)part / (double)seed__account_total(account);
}

static void fill(struct watched *worker, unsigned index, struct turn turn)
{
    const struct account *account = &worker->account;
    struct stall *stall = &worker->stall;

    memset(&stall->told, 0, sizeof stall->told);
    stall->call[0] = stall->stack[0] = '\0';
    seed__track_look(worker->track, &stall->place);
    if (account->call.sleeps)
        seed__thread_call_name(&account->call, stall->call,
            sizeof stall->call);
    stall->told = (seed_stall){
        .cause = seed__account_cause(account),
        .worker = index,
        .turn = turn.number,
        .step = worker->step,
        .age = turn.age,
        .computing = share(account->computing, account),
        .waiting = share(account->waiting, account),
        .starved = share(account->starved, account),
        .call = stall->call,
        .site = stall->place.site,
        .route = stall->place.route,
        .method = stall->place.method,
        .url = stall->place.url,
        .frames = stall->frames,
        .stack = stall->stack,
    };
}

/* One report a second of each cause, and some in a row after a quiet time, so
 * that a turn that was reported is reported while it doubles. */
static bool may_report(seed_stall_watch *watch, enum seed_stall_cause cause,
    uint64_t now)
{
    uint64_t *spent = &watch->spent[cause];

    if (*spent < now)
        *spent = now;
    if (*spent - now > (IN_A_ROW - 1) * second)
        return false;
    *spent += second;
    return true;
}

static void count(seed_stall_watch *watch, enum seed_stall_cause cause,
    bool reported)
{
    atomic_fetch_add_explicit(&watch->counts[cause], 1,
        memory_order_relaxed);
    watch->muted[cause] += !reported;
}

static void find_stack(seed_stall_watch *watch, struct watched *worker,
    uint64_t now)
{
    struct stall *stall = &worker->stall;
    const struct thread_call *call = &worker->account.call;

    if (call->sleeps) {
        stall->told.searched = true;
        stall->told.frame_count = seed__stack_search(&worker->pulse.thread,
            call, stall->frames);
    }
    worker->asked = !call->sleeps && seed__stack_ask(&worker->answer,
        worker->thread, &worker->pulse, stall->told.turn);
    worker->asked_at = now;
    if (!worker->asked)
        tell(watch, worker);
}

/* By a clock of its own: a report, whose hooks are the application's, may have
 * been told since the tick began. */
static void look(seed_stall_watch *watch, struct watched *worker,
    unsigned index)
{
    uint64_t now = seed_now();
    struct turn turn = seed__pulse_turn(&worker->pulse, now);
    enum seed_stall_cause cause;
    bool reported;

    if (turn.number != worker->account.turn)
        worker->step = 0;
    seed__account_tick(&worker->account, &worker->pulse.thread, turn, now);
    if (turn.age < watch->threshold << worker->step || worker->asked
        || !seed__account_total(&worker->account))
        return;

    cause = seed__account_cause(&worker->account);
    reported = may_report(watch, cause, now);
    if (!worker->step)
        count(watch, cause, reported);
    if (reported) {
        fill(worker, index, turn);
        find_stack(watch, worker, now);
    }
    while (worker->step < 20 && turn.age >= watch->threshold << worker->step)
        worker->step++;
}

static void on_tick(uint64_t now, void *ctx)
{
    seed_stall_watch *watch = ctx;

    for (unsigned i = 0; i < atomic_load(&watch->end); i++) {
        struct watched *worker = atomic_load_explicit(&watch->workers[i],
            memory_order_acquire);

        if (!worker || !atomic_load(&worker->pulse.worker))
            continue;
        if (worker->asked)
            collect(watch, worker, now);
        look(watch, worker, i);
    }
}

/* --- workers come and go -------------------------------------------------- */

static void show(seed_stall_watch *watch, struct watched *worker,
    unsigned index)
{
    seed__monitor_lock();
    atomic_store(&watch->workers[index], worker);
    if (index >= atomic_load(&watch->end))
        atomic_store(&watch->end, index + 1);
    seed__monitor_unlock();
}

static int open_worker(seed_stall_watch *watch, seed_worker *of)
{
    struct watched *worker = seed_resize(NULL, sizeof *worker);

    if (!worker)
        return SEED_ENOMEM;

    memset(worker, 0, sizeof *worker);
    worker->thread = pthread_self();
    worker->track = seed__track_open();
    if (!worker->track || seed__pulse_open(&worker->pulse, of, NULL)) {
        seed__track_close(worker->track);
        seed_release(worker);
        return SEED_ENOMEM;
    }
    seed__stack_admit();
    show(watch, worker, seed_worker_index(of));
    return seed__monitor_start(&watch->monitored);
}

static void on_listen(const seed_event *event, void *ctx)
{
    if (open_worker(ctx, event->worker))
        seed_warn(event->server, "Stalls of worker %u are not caught: %s.",
            seed_worker_index(event->worker), seed_strerror(SEED_ENOMEM));
}

static void on_stop(const seed_event *event, void *ctx)
{
    seed_stall_watch *watch = ctx;
    struct watched *worker = atomic_load(
        &watch->workers[seed_worker_index(event->worker)]);

    if (!worker)
        return;

    seed__monitor_lock();
    seed__stack_settle(&worker->answer);
    seed__pulse_close(&worker->pulse);
    seed__track_close(worker->track);
    seed__monitor_unlock();
}

/* --- the public face ------------------------------------------------------ */

static int set_up(seed_server *server, seed_stall_watch *watch)
{
    int error = seed_on(server, SEED_ON_LISTEN, on_listen, watch);

    if (!error)
        error = seed_on(server, SEED_ON_STOP, on_stop, watch);
    if (!error)
        error = seed__track_trace(server);
    /* Without a signal there are stalls without a stack. */
    if (!error)
        seed__stack_start();
    return error;
}

seed_stall_watch *seed_stall_new_sized(seed_server *server,
    const struct seed_stall_options *options, size_t size)
{
    struct seed_stall_options known = { 0 };
    seed_stall_watch *watch = server ? seed_resize(NULL, sizeof *watch) : NULL;
    unsigned threshold;

    if (!watch)
        return NULL;
    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);

    memset(watch, 0, sizeof *watch);
    threshold = known.threshold ? known.threshold : 42;
    watch->server = server;
    watch->quiet = known.quiet;
    watch->threshold = (threshold > 10 ? threshold : 10) * msec;
    watch->monitored.tick = on_tick;
    watch->monitored.ctx = watch;
    watch->monitored.period = LOOK_EVERY;
    if (!set_up(server, watch))
        return watch;

    seed_release(watch);
    return NULL;
}

void seed_stall_free(seed_stall_watch *watch)
{
    if (!watch)
        return;

    seed__monitor_stop(&watch->monitored);
    for (unsigned i = 0; i < PULSE_WORKERS; i++)
        seed_release(atomic_load(&watch->workers[i]));
    seed_release(watch);
}

int seed_on_stall(seed_stall_watch *watch, seed_stall_hook *hook, void *ctx)
{
    if (!watch)
        return SEED_ENOMEM;
    if (!hook)
        return SEED_EINVAL;
    if (watch->hook_count == HOOKS)
        return SEED_EFULL;

    watch->hooks[watch->hook_count].hook = hook;
    watch->hooks[watch->hook_count++].ctx = ctx;
    return 0;
}

struct seed_stall_counts seed_stall_counts(const seed_stall_watch *watch)
{
    struct seed_stall_counts counts = { .turns = { 0 } };

    for (unsigned i = 0; watch && i < SEED_STALL_CAUSES; i++)
        counts.turns[i] = atomic_load_explicit(&watch->counts[i],
            memory_order_relaxed);
    return counts;
}
