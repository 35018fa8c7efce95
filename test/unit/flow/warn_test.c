/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <fcntl.h>
#include <unistd.h>

static char heard[1024];

static void hear(const char *line, void *ctx)
{
    assert_ptr_equal(heard, ctx);
    snprintf(heard, sizeof heard, "%s", line);
}

static void also_hear(const char *line, void *ctx)
{
    snprintf(ctx, 1024, "%s", line);
}

/* A request's text must not forge a line or steer a terminal. */
static void says_one_clean_line(void **state)
{
    static const struct {
        const char *text, *line;
    } cases[] = {
        { "plain", "plain" },
        { "a\nb\r\nc", "a?b??c" },
        { "\033[2Jx\177\001", "?[2Jx??" },
        { "\tj\xc3\xb6rg", "?j\xc3\xb6rg" },
        { "", "" },
    };
    struct plan plan = { .options.warn = hear, .options.warn_ctx = heard };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        seed__warn(&plan, "%s", cases[i].text);
        assert_string_equal(cases[i].line, heard);
    }
}

static void cuts_long_lines(void **state)
{
    struct plan plan = { .options.warn = hear, .options.warn_ctx = heard };
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    seed__warn(&plan, "%s", text);
    assert_int_equal(511, strlen(heard));
}

static void tells_listeners_too(void **state)
{
    char one[1024] = "", two[1024] = "";
    struct plan plan = { .options.warn = hear, .options.warn_ctx = heard,
        .listeners = { { also_hear, one }, { also_hear, two } },
        .listener_count = 2 };

    (void)state;
    seed__warn(&plan, "%d lines", 3);
    assert_string_equal("3 lines", heard);
    assert_string_equal("3 lines", one);
    assert_string_equal("3 lines", two);
}

/* Nobody asked for it: stderr, with the process's number as node does. */
static void goes_to_stderr(void **state)
{
    char text[256] = "", want[64];
    struct plan plan = { 0 };
    int pipe_fds[2], before = dup(STDERR_FILENO);

    (void)state;
    assert_int_equal(0, pipe2(pipe_fds, O_NONBLOCK));
    fflush(stderr);
    dup2(pipe_fds[1], STDERR_FILENO);
    seed__warn(&plan, "hello %s", "there");
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    assert_true(read(pipe_fds[0], text, sizeof text - 1) > 0);
    snprintf(want, sizeof want, "(libseed:%ld) hello there\n",
        (long)getpid());
    assert_string_equal(want, text);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    close(before);
}

/* Two in a row, then one a second, which counts the others; kinds apart. */
static void does_not_fill_the_log_with_mistakes(void **state)
{
    struct plan plan = { .options.warn = hear, .options.warn_ctx = heard };
    struct flow flow = { .plan = &plan };
    static seed_req req;

    (void)state;
    req.flow = &flow;
    for (int i = 0; i < 5; i++) {
        seed__warn_mistake(&req, MISTAKE_TWICE, "answer %d", i);
        assert_string_equal(i ? "answer 1" : "answer 0", heard);
    }
    seed__warn_mistake(&req, MISTAKE_JSON, "another kind");
    assert_string_equal("another kind", heard);

    flow.warned[MISTAKE_TWICE].spent -= 1100000000; /* so much later */
    seed__warn_mistake(&req, MISTAKE_TWICE, "answer %d", 5);
    assert_string_equal("answer 5 (and 3 more like it since the last report)",
        heard);
    flow.warned[MISTAKE_TWICE].spent = 0;
    seed__warn_mistake(&req, MISTAKE_TWICE, "answer %d", 6);
    assert_string_equal("answer 6", heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_one_clean_line),
        cmocka_unit_test(cuts_long_lines),
        cmocka_unit_test(tells_listeners_too),
        cmocka_unit_test(goes_to_stderr),
        cmocka_unit_test(does_not_fill_the_log_with_mistakes),
    };

    return cmocka_run_group_tests_name("flow/warn", tests, NULL, NULL);
}
