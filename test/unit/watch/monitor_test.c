/* SPDX-License-Identifier: MIT */
#include "watch/monitor.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ThreadSanitizer forbids threads in a forked child, and AddressSanitizer
 * leaves it the locks of threads that began just then. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define MONITOR_SANITIZED true
#else
#define MONITOR_SANITIZED false
#endif

struct ticker {
    struct monitored monitored;
    _Atomic int ticks;
    _Atomic uint64_t late; /* the worst so far, in nanoseconds */
    pthread_t thread;
    int pause;             /* milliseconds that the first tick takes */
};

static void on_tick(uint64_t now, void *ctx)
{
    struct ticker *ticker = ctx;
    uint64_t late = now - ticker->monitored.due;

    ticker->thread = pthread_self();
    if (late > ticker->late)
        ticker->late = late;
    if (ticker->pause && !ticker->ticks)
        sleep_ms((unsigned)ticker->pause);
    ticker->ticks++;
}

static struct ticker ticker_of(unsigned period)
{
    return (struct ticker){ .monitored = { .tick = on_tick,
        .period = period } };
}

static void start(struct ticker *ticker)
{
    ticker->monitored.ctx = ticker;
    assert_int_equal(0, seed__monitor_start(&ticker->monitored));
}

static void ticks_by_the_clock(void **state)
{
    struct ticker ticker = ticker_of(10);
    uint64_t begun = seed_now();
    int elapsed;

    (void)state;
    start(&ticker);
    assert_true(await_count(&ticker.ticks, 20));
    elapsed = (int)((seed_now() - begun) / 10000000);
    assert_true(elapsed >= 20); /* never early */
    seed__monitor_stop(&ticker.monitored);
    assert_true(ticker.ticks <= elapsed + 1);
}

/* Ticks that were missed are left out, and the others stay in step. */
static void leaves_out_what_it_missed(void **state)
{
    struct ticker ticker = ticker_of(10);
    uint64_t first;

    (void)state;
    ticker.pause = 105;
    start(&ticker);
    seed__monitor_lock();
    first = ticker.monitored.due;
    seed__monitor_unlock();
    assert_true(await_count(&ticker.ticks, 3));
    seed__monitor_stop(&ticker.monitored);
    assert_true(ticker.monitored.due >= first + 130000000);
    assert_int_equal(0, (ticker.monitored.due - first) % 10000000);
}

static void shares_one_thread(void **state)
{
    struct ticker one = ticker_of(5), two = ticker_of(7);

    (void)state;
    start(&one);
    start(&two);
    assert_true(await_count(&one.ticks, 3));
    assert_true(await_count(&two.ticks, 3));
    seed__monitor_stop(&one.monitored);
    assert_true(await_count(&two.ticks, two.ticks + 2));
    seed__monitor_stop(&two.monitored);
    assert_true(pthread_equal(one.thread, two.thread));
    assert_false(pthread_equal(one.thread, pthread_self()));
}

static void stops_for_good_and_starts_anew(void **state)
{
    struct ticker ticker = ticker_of(1);

    (void)state;
    seed__monitor_stop(&ticker.monitored); /* never started */
    for (int i = 1; i <= 20; i++) {
        int seen;

        start(&ticker);
        assert_int_equal(0, seed__monitor_start(&ticker.monitored));
        assert_true(await_count(&ticker.ticks, 2 * i));
        seed__monitor_stop(&ticker.monitored);
        seen = ticker.ticks;
        sleep_ms(3);
        assert_int_equal(seen, ticker.ticks);
        ticker.ticks = 2 * i;
    }
}

static void holds_still_under_the_lock(void **state)
{
    struct ticker ticker = ticker_of(1);
    int seen;

    (void)state;
    start(&ticker);
    assert_true(await_count(&ticker.ticks, 1));
    seed__monitor_lock();
    seen = ticker.ticks;
    sleep_ms(20);
    assert_int_equal(seen, ticker.ticks);
    seed__monitor_unlock();
    assert_true(await_count(&ticker.ticks, seen + 1));
    seed__monitor_stop(&ticker.monitored);
}

static _Atomic bool on_monitor;
static pthread_t here;

static void on_signal(int number)
{
    (void)number;
    if (!pthread_equal(pthread_self(), here))
        on_monitor = true;
}

/* A signal to the process finds one of the application's threads. */
static void takes_no_signals(void **state)
{
    struct ticker ticker = ticker_of(1);
    struct sigaction act = { .sa_handler = on_signal };
    sigset_t one;

    (void)state;
    here = pthread_self();
    sigaction(SIGUSR1, &act, NULL);
    start(&ticker);
    assert_true(await_count(&ticker.ticks, 1));
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
    kill(getpid(), SIGUSR1);
    sleep_ms(10);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    seed__monitor_stop(&ticker.monitored);
    assert_false(on_monitor);
}

/* The child has the lists, and none of the threads. */
static int in_child(struct ticker *ticker)
{
    struct ticker own = ticker_of(1);
    int seen = ticker->ticks;

    alarm(20);
    if (ticker->monitored.on || seed__monitor_cpu())
        return 1;
    seed__monitor_stop(&ticker->monitored);
    seed__monitor_lock();
    seed__monitor_unlock();
    if (ticker->ticks != seen)
        return 2;
    if (MONITOR_SANITIZED)
        return 0;
    own.monitored.ctx = &own;
    if (seed__monitor_start(&own.monitored) || !await_count(&own.ticks, 3))
        return 3;
    seed__monitor_stop(&own.monitored);
    return own.monitored.on || ticker->ticks != seen ? 4 : 0;
}

static int status_of(pid_t child)
{
    int status = -1;

    assert_int_equal(child, waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* It forks between ticks, in the midst of one, and while nothing ticks. */
static void stays_with_the_parent(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct ticker ticker = ticker_of(1);
        pid_t child;

        ticker.pause = i % 4;
        start(&ticker);
        if (i % 2)
            assert_true(await_count(&ticker.ticks, 1));
        if (i % 5 == 4)
            seed__monitor_stop(&ticker.monitored);
        child = fork();
        if (!child)
            _exit(in_child(&ticker));
        assert_int_equal(0, status_of(child));
        if (i % 5 != 4)
            assert_true(await_count(&ticker.ticks, ticker.ticks + 2));
        seed__monitor_stop(&ticker.monitored);
    }
}

/* A tick that lasts, and may last for ever: fork() does not wait for that. */
static void forks_while_a_tick_lasts(void **state)
{
    struct ticker ticker = ticker_of(1);
    uint64_t begun;
    pid_t child;

    (void)state;
    ticker.pause = 2000;
    start(&ticker);
    sleep_ms(50);
    begun = seed_now();
    child = fork();
    if (!child)
        _exit(in_child(&ticker));
    assert_true(seed_now() - begun < UINT64_C(1500000000));
    assert_int_equal(0, status_of(child));
    seed__monitor_stop(&ticker.monitored);
}

struct forker {
    struct monitored monitored;
    _Atomic int ticks;
    int status;
};

static void fork_in_tick(uint64_t now, void *ctx)
{
    struct forker *forker = ctx;
    pid_t child;

    (void)now;
    if (forker->ticks++)
        return;
    child = fork();
    if (!child)
        raise(SIGKILL); /* by an exit valgrind would miss the main thread */
    waitpid(child, &forker->status, 0);
}

static void a_tick_may_fork(void **state)
{
    struct forker forker = { .monitored = { .tick = fork_in_tick,
        .period = 1 } };

    (void)state;
    forker.monitored.ctx = &forker;
    assert_int_equal(0, seed__monitor_start(&forker.monitored));
    assert_true(await_count(&forker.ticks, 3));
    seed__monitor_stop(&forker.monitored);
    assert_true(WIFSIGNALED(forker.status));
    assert_int_equal(SIGKILL, WTERMSIG(forker.status));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_by_the_clock),
        cmocka_unit_test(leaves_out_what_it_missed),
        cmocka_unit_test(shares_one_thread),
        cmocka_unit_test(stops_for_good_and_starts_anew),
        cmocka_unit_test(holds_still_under_the_lock),
        cmocka_unit_test(takes_no_signals),
        cmocka_unit_test(stays_with_the_parent),
        cmocka_unit_test(forks_while_a_tick_lasts),
        cmocka_unit_test(a_tick_may_fork),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
