/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define GOOD "00-" TRACE "-" SPAN "-01"

static const struct {
    const char *value;
    int flags; /* -1: refused */
} parents[] = {
    { GOOD, 1 },
    { "00-" TRACE "-" SPAN "-00", 0 },
    { "00-" TRACE "-" SPAN "-03", 3 },
    { "00-" TRACE "-" SPAN "-ff", 3 },
    { "01-" TRACE "-" SPAN "-01", 1 },
    { "cc-" TRACE "-" SPAN "-01-what-the-future-will-be-like", 1 },
    { "fe-" TRACE "-" SPAN "-01-", 1 },
    { "ff-" TRACE "-" SPAN "-01", -1 },
    { "cc-" TRACE "-" SPAN "-01.what", -1 },
    { "00-" TRACE "-" SPAN "-01-", -1 },
    { "00-" TRACE "-" SPAN "-01-x", -1 },
    { "00-" TRACE "-" SPAN "-1", -1 },
    { "00-" TRACE "-" SPAN "-", -1 },
    { "00-" TRACE "-" SPAN, -1 },
    { "00-" TRACE "-" SPAN "-.1", -1 },
    { "0-" TRACE "-" SPAN "-01", -1 },
    { ".0-" TRACE "-" SPAN "-01", -1 },
    { "0A-" TRACE "-" SPAN "-01", -1 },
    { "00-00000000000000000000000000000000-" SPAN "-01", -1 },
    { "00-" TRACE "-0000000000000000-01", -1 },
    { "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", -1 },
    { "00-.af7651916cd43dd8448eb211c80319c-" SPAN "-01", -1 },
    { "00-" TRACE "-B7AD6B7169203331-01", -1 },
    { "00-" TRACE "-.7ad6b7169203331-01", -1 },
    { "00_" TRACE "-" SPAN "-01", -1 },
    { "00-" TRACE "_" SPAN "-01", -1 },
    { "00-" TRACE "-" SPAN "_01", -1 },
    { " " GOOD, -1 },
    { GOOD " ", -1 },
    { "", -1 },
    { "-", -1 },
};

static void judges_traceparent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parents); i++) {
        seed_context context = { .trace_id = "before" };
        bool good = seed_context_parse(&context, parents[i].value);

        if (good != (parents[i].flags >= 0))
            fail_msg("%s", parents[i].value);
        if (!good) {
            assert_string_equal("before", context.trace_id);
            continue;
        }
        assert_string_equal(TRACE, context.trace_id);
        assert_string_equal(SPAN, context.parent_id);
        assert_string_equal("", context.span_id);
        assert_string_equal("", context.tracestate);
        assert_int_equal(parents[i].flags, context.flags);
    }
    assert_false(seed_context_parse(NULL, NULL));
}

static void makes_spans(void **state)
{
    seed_context context = { .flags = 0 };
    char trace[33], span[17], want[64];

    (void)state;
    seed_context_span(&context);
    assert_int_equal(32, strspn(context.trace_id, "0123456789abcdef"));
    assert_int_equal(16, strspn(context.span_id, "0123456789abcdef"));
    assert_int_equal(3, context.flags);
    assert_string_equal("", context.parent_id);
    assert_string_equal("", context.tracestate);
    snprintf(want, sizeof want, "00-%s-%s-03", context.trace_id,
        context.span_id);
    assert_string_equal(want, context.traceparent);

    strcpy(trace, context.trace_id);
    strcpy(span, context.span_id);
    seed_context_span(&context);
    assert_string_equal(trace, context.trace_id);
    assert_string_not_equal(span, context.span_id);

    assert_true(seed_context_parse(&context, "00-" TRACE "-" SPAN "-00"));
    seed_context_span(&context);
    assert_memory_equal("00-" TRACE "-", context.traceparent, 36);
    assert_string_equal("-00", context.traceparent + 52);
}

/* What a parent and its child of a fork() give is not the same. */
static void differs_after_a_fork(void **state)
{
    seed_context ours = { .flags = 0 }, theirs = { .flags = 0 };
    int ends[2], status;

    (void)state;
    seed_context_span(&ours);
    memset(&ours, 0, sizeof ours);
    assert_int_equal(0, pipe(ends));
    if (!fork()) {
        seed_context_span(&theirs);
        _exit(write(ends[1], &theirs, sizeof theirs) != sizeof theirs);
    }
    wait(&status);
    assert_int_equal(0, status);
    assert_int_equal(sizeof theirs, read(ends[0], &theirs, sizeof theirs));
    seed_context_span(&ours);
    assert_string_not_equal(ours.trace_id, theirs.trace_id);
    close(ends[0]);
    close(ends[1]);
}

/* --- of a request --------------------------------------------------------- */

static seed_step tell(seed_req *req, seed_res *res, void *ctx)
{
    const seed_context *context = seed_req_context(req);

    (void)ctx;
    assert_ptr_equal(context, seed_req_context(req));
    return seed_send_text(res, 200, seed_req_printf(req, "%s %s [%s]",
        context->parent_id, context->traceparent, context->tracestate));
}

#define LONG_64 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MANY(a) \
    a "0=1," a "1=1," a "2=1," a "3=1," a "4=1," a "5=1," a "6=1," a "7=1,"

/* What follows GOOD, and what is handed on. */
static const struct {
    const char *states[3], *want;
} states[] = {
    { { "a=1" }, "a=1" },
    { { "a=1,b@c=2 x" }, "a=1,b@c=2 x" },
    { { "a=1", "b=2" }, "a=1, b=2" },
    { { "a=1\t , ,b=2," }, "a=1\t , ,b=2," },
    { { "0a@b=1" }, "0a@b=1" },
    { { "a*b/c-d_e=!\"#$" }, "a*b/c-d_e=!\"#$" },
    { { LONG_64 LONG_64 LONG_64 LONG_64 "=1" },
        LONG_64 LONG_64 LONG_64 LONG_64 "=1" },
    { { MANY("a") MANY("b") MANY("c") MANY("d") },
        MANY("a") MANY("b") MANY("c") MANY("d") },
    { { MANY("a") MANY("b") MANY("c") MANY("d") "e=1" }, "" },
    { { "a" LONG_64 LONG_64 LONG_64 LONG_64 "=1" }, "" },
    { { "a=" LONG_64 LONG_64 LONG_64 LONG_64 "b" }, "" },
    { { "a=1,a=2" }, "" },
    { { "a=1", "a=2" }, "" },
    { { "A=1" }, "" },
    { { "0a=1" }, "" },
    { { "a" }, "" },
    { { "a=" }, "" },
    { { "=1" }, "" },
    { { "a=1=2" }, "" },
    { { "a b=1" }, "" },
    { { "a@=1" }, "" },
    { { "@a=1" }, "" },
    { { "a@0b=1" }, "" },
    { { "a@bbbbbbbbbbbbbbb=1" }, "" },
    { { "a=\x80" }, "" },
    { { "," }, "" },
    { { "" }, "" },
};

static const char *ask(const char *const *headers)
{
    static char body[2048];
    seed_server *server = seed_server_new(NULL);
    seed_reply *reply;

    seed_get(server, "/", tell, NULL);
    reply = seed_inject(server,
        &(struct seed_injection){ .headers = headers });
    strcpy(body, seed_reply_body(reply, NULL));
    seed_reply_free(reply);
    seed_server_free(server);
    return body;
}

static void hands_tracestate_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        const char *headers[] = { "traceparent", GOOD, "TraceState",
            states[i].states[0], states[i].states[1] ? "tracestate" : NULL,
            states[i].states[1], NULL };
        const char *body = ask(headers);

        assert_memory_equal(SPAN " 00-" TRACE "-", body, 53);
        assert_memory_equal("-01 [", body + 69, 5);
        assert_memory_equal(states[i].want, body + 74,
            strlen(states[i].want));
        assert_string_equal("]", body + 74 + strlen(states[i].want));
    }
}

static void begins_a_trace_where_there_is_none(void **state)
{
    static const char *const none[] = { "tracestate", "a=1", NULL };
    static const char *const bad[] = { "traceparent", "00-0-0-00",
        "tracestate", "a=1", NULL };
    static const char *const two[] = { "traceparent", GOOD, "TRACEPARENT",
        GOOD, "tracestate", "a=1", NULL };
    const char *const *all[] = { none, bad, two };

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        const char *body = ask(all[i]);

        assert_memory_equal(" 00-", body, 4);
        assert_null(strstr(body, TRACE));
        assert_string_equal("-03 []", body + 53);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_traceparent),
        cmocka_unit_test(makes_spans),
        cmocka_unit_test(differs_after_a_fork),
        cmocka_unit_test(hands_tracestate_on),
        cmocka_unit_test(begins_a_trace_where_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
