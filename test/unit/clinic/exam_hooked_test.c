/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/exam.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void knows_who_adds_hooks(void **state)
{
    seed_server *server = clinical(1);
    struct served served;
    struct growth *growth;
    struct desk *desk;

    (void)state;
    seed_after(server, forget, NULL); /* of the setup: not one of them */
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    ask_often(server, "/", 3);
    ask_often(server, "/leak", 5);
    assert_int_equal(0, serve_stop(&served));

    desk = atomic_load(&seed__exam_of(server)->desks[0]);
    growth = atomic_load(&desk->growths);
    assert_non_null(growth);
    assert_null(growth->next);
    assert_int_equal(5, counter_get(&growth->same));
    assert_int_equal(5, counter_get(&growth->added));
    assert_int_equal(SEED_ON_AFTER, growth->on);
    assert_string_equal("forget", growth->site.function);
    assert_string_equal("leak", growth->running.function);
    assert_string_equal("route", growth->running.kind);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_who_adds_hooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
