/* SPDX-License-Identifier: MIT */
#include "watch/stall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static seed_step handle(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send(res, 204);
}

static const seed_site site = { .kind = "use", .function = "load_user",
    .file = "some/where/app.c", .line = 40 };

static seed_stall some(enum seed_stall_cause cause)
{
    return (seed_stall){ .cause = cause, .worker = 3, .age = 84900000,
        .computing = 0.014, .waiting = 0.98, .starved = 0.006,
        .call = "read of /tmp/x", .site = &site, .method = "GET",
        .url = "/users/7?full", .stack = "" };
}

static void says_what_and_who(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_stall stall = some(SEED_STALL_WAITS);
    char line[500];

    (void)state;
    stall.route = seed_get(server, "/users/:id", handle, NULL);
    assert_string_equal("Stall: worker 3 has been in one turn of its loop for "
        "84 ms and waits in read of /tmp/x (1 % computing, 98 % waiting, 1 % "
        "without a processor): GET /users/7?full in load_user (use, app.c:40)"
        " of GET /users/:id",
        seed__stall_line(&stall, 0, line, sizeof line));
    seed_server_free(server);
}

static void says_each_cause(void **state)
{
    static const struct {
        enum seed_stall_cause cause;
        const char *name, *words;
    } causes[] = {
        { SEED_STALL_COMPUTES, "computes", " and computes (" },
        { SEED_STALL_WAITS, "waits", " and waits in read of /tmp/x (" },
        { SEED_STALL_STARVED, "starved",
            " and is ready to go on, but gets no processor (" },
    };
    char line[500];

    (void)state;
    for (size_t i = 0; i < SEED_STALL_CAUSES; i++) {
        seed_stall stall = some(causes[i].cause);

        seed__stall_line(&stall, 0, line, sizeof line);
        assert_non_null(strstr(line, causes[i].words));
        assert_string_equal(causes[i].name,
            seed_stall_cause_name(causes[i].cause));
    }
    assert_string_equal("", seed_stall_cause_name(SEED_STALL_CAUSES));
}

static void says_what_it_left_out(void **state)
{
    seed_stall stall = some(SEED_STALL_COMPUTES);
    char line[500];

    (void)state;
    assert_non_null(strstr(seed__stall_line(&stall, 12, line, sizeof line),
        " (and 12 more since the last report)"));
}

static void does_without_a_request(void **state)
{
    seed_stall stall = some(SEED_STALL_WAITS);
    char line[500];

    (void)state;
    stall.site = NULL;
    stall.method = stall.url = stall.call = "";
    seed__stall_line(&stall, 0, line, sizeof line);
    assert_non_null(strstr(line, " and waits (1 %"));
    assert_non_null(strstr(line, "): in no handler or hook"));
}

static void stays_within_its_room(void **state)
{
    seed_stall stall = some(SEED_STALL_WAITS);
    char line[64];

    (void)state;
    memset(line, 'x', sizeof line);
    seed__stall_line(&stall, 1, line, 32);
    assert_int_equal(31, strlen(line));
    assert_int_equal('x', line[32]);
}

int main(void);

static void names_the_stack_up_to_main(void **state)
{
    static struct stall stall;

    (void)state;
    stall.told.frames = stall.frames;
    stall.frames[0] = (char *)(uintptr_t)seed__stall_line + 1;
    stall.frames[1] = (char *)(uintptr_t)main + 1;
    stall.frames[2] = (char *)(uintptr_t)handle + 1;
    stall.told.frame_count = 3;
    seed__stall_name_stack(&stall);
    assert_string_equal("seed__stall_line, main", stall.stack);
    stall.told.frame_count = 0;
    seed__stall_name_stack(&stall);
    assert_string_equal("", stall.stack);
}

static void cuts_a_deep_stack(void **state)
{
    static struct stall stall;
    size_t length;

    (void)state;
    stall.told.frames = stall.frames;
    for (int i = 0; i < STACK_FRAMES; i++)
        stall.frames[i] = (char *)(uintptr_t)seed__stall_name_stack + 1;
    stall.told.frame_count = STACK_FRAMES;
    seed__stall_name_stack(&stall);
    length = strlen(stall.stack);
    assert_true(length > 400 && length < sizeof stall.stack);
    assert_string_equal("stack, ...", stall.stack + length - 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_and_who),
        cmocka_unit_test(says_each_cause),
        cmocka_unit_test(says_what_it_left_out),
        cmocka_unit_test(does_without_a_request),
        cmocka_unit_test(stays_within_its_room),
        cmocka_unit_test(names_the_stack_up_to_main),
        cmocka_unit_test(cuts_a_deep_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
