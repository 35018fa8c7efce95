/* SPDX-License-Identifier: MIT */
/* link: -Wl,--wrap=seed_worker_counts */
#include "unit/failing.h"
#include "watch/leak.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Requests in flight and connections, beside what there is. */
static uint64_t flying, open_connections;

struct seed_worker_counts __real_seed_worker_counts(const seed_worker *worker);
struct seed_worker_counts __wrap_seed_worker_counts(const seed_worker *worker);

struct seed_worker_counts __wrap_seed_worker_counts(const seed_worker *worker)
{
    struct seed_worker_counts counts = __real_seed_worker_counts(worker);

    if (flying)
        counts.events[SEED_ON_AFTER]
            = counts.events[SEED_ON_PRE] - flying;
    counts.events[SEED_ON_OPEN] += open_connections;
    return counts;
}

static struct {
    unsigned counts, growths, hints, frames;
    char line[1024]; /* the last warning */
} said;

static void hear(const char *line, void *ctx)
{
    (void)ctx;
    said.counts += !strncmp(line, "MaxListenersExceededWarning: ", 29);
    said.growths += !strncmp(line, "HookLeakWarning: ", 17);
    said.hints += !!strstr(line, "SEED_TRACE_WARNINGS=1");
    said.frames += !strncmp(line, "    at ", 7);
    if (strstr(line, "Warning: "))
        snprintf(said.line, sizeof said.line, "%s", line);
}

static void hook(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static int leak_line;

static seed_step leak(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    leak_line = __LINE__ + 1;
    seed_after(seed_req_server(req), hook, NULL);
    return seed_send_text(res, 200, "");
}

static seed_step take_off(seed_req *req, seed_res *res, void *ctx)
{
    leak(req, res, ctx);
    seed_off(seed_req_server(req), SEED_ON_AFTER, hook, NULL);
    return SEED_STOP;
}

static seed_step pass(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "");
}

static seed_server *make_server(bool let_hooks_grow, size_t limit)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = hear, .let_hooks_grow = let_hooks_grow });

    seed_get(server, "/l", leak, NULL);
    seed_get(server, "/t", take_off, NULL);
    seed_get(server, "/p", pass, NULL);
    seed_set_max_hooks(server, limit);
    memset(&said, 0, sizeof said);
    flying = open_connections = 0;
    return server;
}

/* Asks for the letters of a pattern, again and again. */
static void ask(seed_server *server, const char *pattern, int requests)
{
    for (int i = 0; i < requests; i++) {
        const char url[] = { '/', pattern[(size_t)i % strlen(pattern)], 0 };

        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = url }));
    }
}

static void says_what_grows(void **state)
{
    seed_server *server = make_server(false, SEED_UNLIMITED);
    char want[256];

    (void)state;
    ask(server, "l", 10);
    assert_int_equal(0, said.growths);
    ask(server, "l", 1);
    assert_int_equal(1, said.growths);
    snprintf(want, sizeof want, "HookLeakWarning: hook was added to the after "
        "hooks 11 times in 11 requests, at %s:%d, the last while running "
        "leak. ", __FILE__, leak_line);
    assert_ptr_equal(strstr(said.line, want), said.line);
    ask(server, "l", 4);
    assert_int_equal(1, said.growths);
    ask(server, "l", 1);
    assert_int_equal(2, said.growths);
    ask(server, "l", 240);
    assert_int_equal(6, said.growths); /* 32, 64, 128, 256 */
    assert_int_equal(0, said.counts);
    assert_int_equal(1, said.hints);
    seed_server_free(server);
}

static const struct {
    const char *what, *first, *pattern;
    int begin, requests;
    uint64_t flying, open;
    unsigned growths;
} patterns[] = {
    { "each", "p", "l", 0, 30, 0, 0, 2 },
    { "each, late", "p", "l", 500, 11, 0, 0, 1 },
    { "not each, then each", "lpppp", "l", 25, 16, 0, 0, 1 },
    { "taken away", "p", "t", 0, 300, 0, 0, 0 },
    { "half of them, few", "p", "lp", 0, 128, 0, 0, 0 },
    { "half of them, many", "p", "lp", 0, 132, 0, 0, 1 },
    { "half of them, connected", "p", "lp", 0, 200, 0, 100, 0 },
    { "in flight, few", "p", "l", 10, 15, 6, 0, 0 },
    { "in flight, more", "p", "l", 10, 16, 6, 0, 1 },
    { "a crowd, at first", "p", "l", 100, 26, 100, 0, 0 },
    { "a crowd", "p", "l", 100, 27, 100, 0, 1 },
    { "10 and no more", "l", "p", 10, 300, 0, 0, 0 },
};

static void judges_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        seed_server *server = make_server(false, SEED_UNLIMITED);

        ask(server, patterns[i].first, patterns[i].begin);
        flying = patterns[i].flying;
        open_connections = patterns[i].open;
        ask(server, patterns[i].pattern, patterns[i].requests);
        if (said.growths != patterns[i].growths)
            fail_msg("%s: %u", patterns[i].what, said.growths);
        seed_server_free(server);
    }
}

static void lets_them_grow_when_told(void **state)
{
    seed_server *server = make_server(true, SEED_UNLIMITED);

    (void)state;
    ask(server, "l", 300);
    assert_int_equal(0, said.growths + said.counts + said.hints);
    seed_server_free(server);
}

/* What the application adds before requests come is no leak. */
static void leaves_the_setup_alone(void **state)
{
    seed_server *server = make_server(false, SEED_UNLIMITED);

    (void)state;
    for (int i = 0; i < 200; i++)
        seed_after(server, hook, NULL);
    ask(server, "lpppp", 50);
    assert_int_equal(0, said.growths + said.counts);
    seed_server_free(server);
}

static const struct {
    size_t limit;
    int adds;
    unsigned counts;
} limits[] = {
    { 0, 10, 0 }, { 0, 11, 1 }, { 0, 15, 1 }, { 0, 16, 2 }, { 0, 33, 3 },
    { 1, 1, 0 }, { 1, 2, 1 }, { 3, 4, 1 }, { 3, 8, 2 }, { 64, 64, 0 },
    { 64, 65, 1 }, { 64, 128, 2 }, { SEED_UNLIMITED, 1000, 0 },
};

static void counts_over_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        seed_server *server = make_server(false, limits[i].limit);

        for (int added = 0; added < limits[i].adds; added++)
            seed_on(server, SEED_ON_SEND, hook, NULL);
        if (said.counts != limits[i].counts)
            fail_msg("%d over %zu: %u", limits[i].adds, limits[i].limit,
                said.counts);
        seed_server_free(server);
    }
}

static void words_the_count(void **state)
{
    seed_server *server = make_server(false, 0);
    char want[512];
    int line = __LINE__ + 4;

    (void)state;
    for (int i = 0; i < 11; i++)
        seed_on(server, SEED_ON_BAD_REQUEST, hook, NULL);
    snprintf(want, sizeof want, "MaxListenersExceededWarning: Possible hook "
        "leak detected. 11 bad request hooks added to the server, 11 of them "
        "hook at %s:%d. Use seed_set_max_hooks() to raise the limit of 10.",
        __FILE__, line);
    assert_string_equal(want, said.line);

    /* Of both rules one warning, node's. */
    ask(server, "l", 11);
    assert_int_equal(2, said.counts);
    assert_int_equal(0, said.growths);
    assert_non_null(strstr(said.line,
        ", the last while running leak, as requests come. Use "));
    seed_server_free(server);
}

/* What was said of the setup's lists is not said of a worker's copies. */
static void remembers_the_setup(void **state)
{
    seed_server *server = make_server(false, 0);

    (void)state;
    for (int i = 0; i < 12; i++)
        seed_after(server, hook, NULL);
    assert_int_equal(1, said.counts);
    ask(server, "l", 3);
    assert_int_equal(1, said.counts);
    ask(server, "l", 1);
    assert_int_equal(2, said.counts);
    seed_server_free(server);
}

static void traces_when_asked(void **state)
{
    seed_server *server = make_server(false, 1);

    (void)state;
    setenv("SEED_TRACE_WARNINGS", "1", 1);
    for (int i = 0; i < 2; i++)
        seed_after(server, hook, NULL);
    unsetenv("SEED_TRACE_WARNINGS");
    assert_int_equal(1, said.counts);
    assert_true(said.frames > 2);
    assert_int_equal(0, said.hints);
    seed_server_free(server);
}

/* Without memory it says less; nothing else fails. */
static void survives_without_memory(void **state)
{
    (void)state;
    for (long n = 0; n < 60; n++) {
        seed_server *server;

        failing.left = n;
        server = make_server(false, 0);
        ask(server, "l", server && !seed_server_error(server) ? 12 : 0);
        failing.left = -1;
        assert_true(said.counts <= 1);
        seed_server_free(server);
        if (failing.live)
            fail_msg("allocation %ld: %ld live", n, failing.live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_grows),
        cmocka_unit_test(judges_patterns),
        cmocka_unit_test(lets_them_grow_when_told),
        cmocka_unit_test(leaves_the_setup_alone),
        cmocka_unit_test(counts_over_the_limit),
        cmocka_unit_test(words_the_count),
        cmocka_unit_test(remembers_the_setup),
        cmocka_unit_test(traces_when_asked),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() ? 1
        : cmocka_run_group_tests_name("watch/leak", tests, NULL, NULL);
}
