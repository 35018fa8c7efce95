/* SPDX-License-Identifier: MIT */
#include "watch/ledger.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Books as two workers would have written them. */
static struct book books[2];
static struct row rows[4];
static seed_ledger *ledger;
static seed_server *server;

static void put(struct row *row, struct book *book, int line, uint64_t self)
{
    row->site = (seed_site){ "use", "pass", "a.c", line, &rows, NULL };
    row->next = atomic_load(&book->rows);
    atomic_store(&book->rows, row);
    counter_add(&row->calls, 2);
    counter_add(&row->requests, 1);
    counter_add(&row->wall, self + 5);
    counter_add(&row->self, self);
    counter_add(&row->cpu, self / 2);
    counter_add(&row->longest, self - 1);
    counter_add(&row->waits, 1);
    counter_add(&row->waited, 3000000000u);
    histogram_add(&row->latency, self);
}

static int set_up(void **state)
{
    (void)state;
    server = seed_server_new(NULL);
    ledger = seed_ledger_new(server, NULL);
    put(&rows[0], &books[0], 7, 1000);
    put(&rows[1], &books[0], 8, 5000);
    put(&rows[2], &books[1], 7, 9000);
    rows[3].site = (seed_site){ "use", "never", "a.c", 9, NULL, NULL };
    rows[3].next = atomic_load(&books[1].rows);
    atomic_store(&books[1].rows, &rows[3]);
    atomic_store(&ledger->books[0], &books[0]);
    atomic_store(&ledger->books[255], &books[1]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&ledger->books[0], NULL);
    atomic_store(&ledger->books[255], NULL);
    seed_server_free(server);
    seed_ledger_free(ledger);
    return 0;
}

static struct seed_ledger_row seen[4];
static size_t seen_count;

static void keep(const struct seed_ledger_row *row, void *ctx)
{
    assert_ptr_equal(ctx, seen);
    assert_true(seen_count < 4);
    seen[seen_count++] = *row;
}

static void adds_up_and_sorts(void **state)
{
    (void)state;
    seen_count = 0;
    assert_int_equal(seed_ledger_each(ledger, keep, seen), 0);
    assert_int_equal(seen_count, 2);

    assert_int_equal(seen[0].line, 7);
    assert_int_equal(seen[0].calls, 4);
    assert_int_equal(seen[0].requests, 2);
    assert_int_equal(seen[0].wall, 10010);
    assert_int_equal(seen[0].self, 10000);
    assert_int_equal(seen[0].cpu, 5000);
    assert_int_equal(seen[0].longest, 8999);
    assert_int_equal(seen[0].waits, 2);
    assert_int_equal(seen[0].waited, 6000000000u);
    assert_int_equal(seen[0].p50, 9000);
    assert_string_equal(seen[0].method, "");
    assert_string_equal(seen[0].pattern, "");
    assert_ptr_equal(seen[0].address, &rows);

    assert_int_equal(seen[1].line, 8);
    assert_int_equal(seen[1].self, 5000);
}

static void tells_metrics(void **state)
{
    static const char *const wanted[] = {
        "# TYPE seed_handler_duration_seconds histogram\n",
        "seed_handler_duration_seconds_bucket{kind=\"use\",function=\"pass\","
        "place=\"a.c:7\",le=\"1e-06\"} 1\n",
        "place=\"a.c:7\",le=\"5e-06\"} 1\n",
        "place=\"a.c:7\",le=\"1e-05\"} 2\n",
        "place=\"a.c:7\",le=\"+Inf\"} 2\n",
        "seed_handler_duration_seconds_sum{kind=\"use\",function=\"pass\","
        "place=\"a.c:7\"} 1.001e-05\n",
        "seed_handler_self_seconds_total{kind=\"use\",function=\"pass\","
        "place=\"a.c:8\"} 5e-06\n",
        "seed_handler_cpu_seconds_total{kind=\"use\",function=\"pass\","
        "place=\"a.c:8\"} 2.5e-06\n",
        "seed_handler_waiting_seconds_total{kind=\"use\",function=\"pass\","
        "place=\"a.c:7\"} 6\n",
    };
    seed_metrics *metrics = seed_metrics_new(server);
    char *text;

    (void)state;
    assert_int_equal(seed_ledger_metrics(ledger, metrics), 0);
    text = seed_metrics_text(metrics, false, NULL);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strstr(text, wanted[i]))
            continue;
        print_error("%s\nhas no %s\n", text, wanted[i]);
        fail();
    }
    assert_null(strstr(text, "never"));
    seed_release(text);
    seed_server_free(server);
    server = NULL;
    seed_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_up_and_sorts),
        cmocka_unit_test(tells_metrics),
    };

    return cmocka_run_group_tests_name("watch/ledger_read", tests, set_up,
        tear_down);
}
