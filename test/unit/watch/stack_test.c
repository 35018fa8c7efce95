/* SPDX-License-Identifier: MIT */
/* A server whose turn stands still in a known function. */
#include "watch/stack.h"
#include "watch/symbol.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct pulse pulse;
static struct stack stack;
static pthread_t loop;
static _Atomic int opened, inside;
static _Atomic bool go_on;
static volatile unsigned count;

static void on_listen(const seed_event *event, void *ctx)
{
    (void)ctx;
    loop = pthread_self();
    seed__stack_admit();
    assert_int_equal(0, seed__pulse_open(&pulse, event->worker, NULL));
    opened++;
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__stack_settle(&stack);
    seed__pulse_close(&pulse);
}

__attribute__((noinline)) static void spin_here(void)
{
    inside++;
    while (!go_on)
        count++;
}

static seed_step spin(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    spin_here();
    return seed_send_text(res, 200, "spun");
}

static void *ask_spin(void *ctx)
{
    get(*(int *)ctx, "/");
    return NULL;
}

static bool await_state(int wanted)
{
    for (int i = 0; i < 2500 && stack.state != wanted; i++)
        sleep_ms(2);
    return stack.state == wanted;
}

static bool has(const struct stack *of, const char *function)
{
    char name[100];

    for (size_t i = 0; i < of->count; i++)
        if (!strcmp(function,
                seed__symbol_name(of->frames[i], name, sizeof name)))
            return true;
    return false;
}

static seed_server *begin(struct served *served)
{
    seed_server *server = seed_server_new(NULL);

    memset(&pulse, 0, sizeof pulse);
    memset(&stack, 0, sizeof stack);
    opened = inside = 0;
    go_on = false;
    seed_get(server, "/", spin, NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(served, server);
    assert_true(await_count(&opened, 1));
    return server;
}

/* ThreadSanitizer calls handlers from functions of its own. */
#ifdef __SANITIZE_THREAD__
#define HANDLER_IS_OUTSIDE false
#else
#define HANDLER_IS_OUTSIDE true
#endif

/* A sanitizer may hold the signal back until the thread calls something. */
static void takes_the_stack_of_a_turn(void **state)
{
    struct served served;
    seed_server *server = begin(&served);
    int port = seed_server_port(server);
    pthread_t client;
    bool taken;

    (void)state;
    assert_int_equal(0, pthread_create(&client, NULL, ask_spin, &port));
    assert_true(await_count(&inside, 1));
    assert_true(seed__stack_ask(&stack, loop, &pulse,
        seed__pulse_turn(&pulse, seed_now()).number));
    taken = await_state(STACK_TAKEN);
    go_on = true;
    pthread_join(client, NULL);
    if (taken) {
        assert_true(stack.count >= 4);
        assert_true(has(&stack, "spin_here") || has(&stack, "spin"));
        assert_true(has(&stack, "seed_run"));
        assert_false(HANDLER_IS_OUTSIDE && has(&stack, "on_signal"));
    }
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void misses_a_turn_that_is_over(void **state)
{
    struct served served;
    seed_server *server = begin(&served);

    (void)state;
    assert_true(seed__stack_ask(&stack, loop, &pulse, 4711));
    assert_true(await_state(STACK_MISSED) || stack.state == STACK_ASKED);
    assert_int_equal(0, serve_stop(&served));
    assert_int_equal(STACK_MISSED, stack.state); /* settled at the latest */
    assert_int_equal(0, stack.count);
    seed_server_free(server);
}

static void asks_once_at_a_time(void **state)
{
    (void)state;
    stack.state = STACK_ASKED;
    assert_false(seed__stack_ask(&stack, pthread_self(), &pulse, 1));
    stack.state = STACK_FREE;
}

/* What others send by the same signal is none of its business. */
static void passes_over_signals_of_others(void **state)
{
    struct sigaction used;
    int found = 0;

    (void)state;
    for (int i = SIGRTMIN; i <= SIGRTMAX && !found; i++)
        if (!sigaction(i, NULL, &used) && used.sa_flags & SA_SIGINFO)
            found = i;
    assert_true(found > SIGRTMIN);
    assert_true(used.sa_flags & SA_RESTART);
    assert_int_equal(0, raise(found));
    assert_int_equal(0, pthread_sigqueue(pthread_self(), found,
        (union sigval){ .sival_ptr = NULL }));
    assert_int_equal(0, seed__stack_start()); /* once is enough */
}

static int set_up(void **state)
{
    (void)state;
    return seed__stack_start();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_stack_of_a_turn),
        cmocka_unit_test(misses_a_turn_that_is_over),
        cmocka_unit_test(asks_once_at_a_time),
        cmocka_unit_test(passes_over_signals_of_others),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
