/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/exam.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct desk *desk_of(const seed_server *server)
{
    return atomic_load(&seed__exam_of(server)->desks[0]);
}

static void counts_answers(void **state)
{
    seed_server *server = clinical(1);
    struct served served;
    struct desk *desk;
    uint64_t latency[HISTOGRAM_BINS] = { 0 };

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    ask_often(server, "/", 3);
    ask_often(server, "/nowhere", 2);
    ask_often(server, "/refuse", 4);
    ask_often(server, "/sleep", 1);
    assert_int_equal(0, serve_stop(&served));

    desk = desk_of(server);
    assert_int_equal(4, counter_get(&desk->statuses[2]));
    assert_int_equal(2, counter_get(&desk->statuses[4]));
    assert_int_equal(4, counter_get(&desk->statuses[5]));
    assert_int_equal(4, counter_get(&desk->shed));
    assert_int_equal(0, counter_get(&desk->not_modified));
    assert_true(counter_get(&desk->sent) > 10 * 40);
    seed__histogram_sum(latency, &desk->latency);
    assert_true(seed__histogram_share(latency, 1) >= 110000000);
    assert_true(seed__histogram_share(latency, 0.5) < 110000000);
    seed_server_free(server);
}

/* On one connection: one in 64 is looked at, and the first is not known yet. */
static void looks_at_one_in_64(void **state)
{
    seed_server *server = clinical(1);
    struct served served;
    struct desk *desk;
    int fd;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    fd = dial(seed_server_port(server));
    for (int i = 0; i < 4 * EXAM_OF; i++)
        assert_non_null(ask(fd, "GET / HTTP/1.1\r\nHost: a\r\n"
            "If-None-Match: \"0\"\r\n\r\n", "hello"));
    close(fd);
    assert_int_equal(0, serve_stop(&served));

    desk = desk_of(server);
    assert_int_equal(4, counter_get(&desk->closely.looked));
    assert_int_equal(4, counter_get(&desk->closely.has_etag));
    assert_int_equal(4, counter_get(&desk->closely.asked));
    assert_int_equal(3, counter_get(&desk->closely.same_body));
    assert_int_equal(3, counter_get(&desk->closely.same_etag));
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_answers),
        cmocka_unit_test(looks_at_one_in_64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
