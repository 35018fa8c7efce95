/* SPDX-License-Identifier: MIT */
#include "plugin/shed.h"
#include "unit/plugin/shedding.h"

/* link: -Wl,--wrap=seed_now,--wrap=seed_worker_state */
/* link: -Wl,--wrap=seed_req_socket_wait,--wrap=seed_timer_start */
/* link: -Wl,--wrap=seed__footprint_heap,--wrap=seed__footprint_rss */

/* One that was refused for its wait. */
static seed_reply *refused(struct shedding *it)
{
    seed_reply *reply;

    world.turn_began = world.now - 100 * MS;
    reply = ask_for(it, "/");
    assert_int_equal(seed_reply_status(reply), 503);
    return reply;
}

static void says_what_is_overloaded(void **state)
{
    struct shedding it = start(NULL);
    seed_reply *reply = refused(&it);
    const char *retry = seed_reply_header(reply, "Retry-After");

    (void)state;
    assert_string_equal(seed_reply_body(reply, NULL),
        "Server experiencing heavy load: (event loop)");
    assert_string_equal(seed_reply_header(reply, "Content-Type"),
        "text/plain; charset=utf-8");
    assert_null(seed_reply_header(reply, "Connection"));
    assert_true(retry && strchr("123", *retry) && !retry[1]);
    seed_reply_free(reply);
    end(&it);
}

static void texts_list_those_that_are_over(void **state)
{
    static const struct {
        unsigned reasons;
        const char *text;
    } cases[] = {
        { 1, "Server experiencing heavy load: (event loop)" },
        { 2, "Server experiencing heavy load: (heap)" },
        { 4, "Server experiencing heavy load: (rss)" },
        { 7, "Server experiencing heavy load: (event loop, heap, rss)" },
        { 5, "Server experiencing heavy load: (event loop, rss)" },
        { 8, "Server experiencing heavy load: (concurrency)" },
        { 15, "Server experiencing heavy load: (event loop, heap, rss,"
              " concurrency)" },
    };
    seed_shed *shed = calloc(1, sizeof *shed);

    (void)state;
    seed__shed_write_texts(shed);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(shed->text[cases[i].reasons], cases[i].text);
        assert_int_equal(shed->length[cases[i].reasons],
            strlen(cases[i].text));
    }
    free(shed);
}

static void production_says_no_more_than_it_must(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .production = true });
    seed_reply *reply = refused(&it);

    (void)state;
    assert_string_equal(seed_reply_body(reply, NULL), "Service Unavailable");
    seed_reply_free(reply);
    end(&it);
}

/* Whoever comes back comes back at different times. */
static void retries_are_spread(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .client_retry_secs = 30 });
    unsigned times[3] = { 0 };

    (void)state;
    for (int i = 0; i < 90; i++) {
        seed_reply *reply = refused(&it);
        int seconds = atoi(seed_reply_header(reply, "Retry-After"));

        assert_in_range(seconds, 30, 32);
        times[seconds - 30]++;
        seed_reply_free(reply);
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(times[i], 10, 60);
    end(&it);
}

static void no_retry_where_none_is_wanted(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .no_retry_after = true });
    seed_reply *reply = refused(&it);

    (void)state;
    assert_null(seed_reply_header(reply, "Retry-After"));
    seed_reply_free(reply);
    end(&it);
}

/* --- as an error ---------------------------------------------------------- */

static char cause[80];

static seed_step tell_error(seed_req *req, seed_res *res, void *ctx)
{
    const seed_fault *fault = seed_res_fault(res);

    (void)ctx;
    snprintf(cause, sizeof cause, "%s", fault->cause);
    return seed_send_text(res, fault->status,
        seed_req_printf(req, "%s: %s", fault->name, fault->message));
}

static void fails_where_errors_are_handled(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .error_propagation_mode = true });
    seed_reply *reply;

    (void)state;
    reply = refused(&it);
    assert_string_equal(seed_reply_body(reply, NULL),
        "{\"code\":\"ServiceUnavailable\",\"message\":"
        "\"Server experiencing heavy load: (event loop)\"}");
    assert_non_null(seed_reply_header(reply, "Retry-After"));
    seed_reply_free(reply);
    end(&it);

    it = start(&(struct seed_shed_options){
        .error_propagation_mode = true, .production = true });
    seed_on_error(it.server, "ServiceUnavailable", tell_error, NULL);
    reply = refused(&it);
    assert_string_equal(seed_reply_body(reply, NULL),
        "ServiceUnavailable: Service Unavailable");
    assert_string_equal(cause, "Server experiencing heavy load: (event loop)");
    assert_int_equal(seen.after, 1);
    seed_reply_free(reply);
    end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_overloaded),
        cmocka_unit_test(texts_list_those_that_are_over),
        cmocka_unit_test(production_says_no_more_than_it_must),
        cmocka_unit_test(retries_are_spread),
        cmocka_unit_test(no_retry_where_none_is_wanted),
        cmocka_unit_test(fails_where_errors_are_handled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
