/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/exam.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void is_prepared_once(void **state)
{
    seed_server *server = clinical(1);
    struct exam *exam;

    (void)state;
    assert_null(seed__exam_of(server));
    assert_int_equal(0, seed_doctor_prepare(server));
    exam = seed__exam_of(server);
    assert_non_null(exam);
    assert_non_null(exam->ledger);
    assert_non_null(exam->stall);
    assert_ptr_equal(seed_watchers(server).ledger, exam->ledger);
    assert_int_equal(0, seed_doctor_prepare(server));
    assert_ptr_equal(exam, seed__exam_of(server));
    assert_int_equal(SEED_ENOMEM, seed_doctor_prepare(NULL));
    seed_server_free(server);
}

static void uses_what_is_there(void **state)
{
    seed_server *server = clinical(1);
    struct seed_watchers watchers;

    (void)state;
    seed_watch(server, &(struct seed_watch){ .ledger = true, .stall = 50 });
    watchers = seed_watchers(server);
    assert_int_equal(0, seed_doctor_prepare(server));
    assert_ptr_equal(watchers.ledger, seed__exam_of(server)->ledger);
    assert_ptr_equal(watchers.stall, seed__exam_of(server)->watched);
    assert_null(seed__exam_of(server)->stall);
    seed_server_free(server);
}

static void comes_too_late(void **state)
{
    seed_server *server = clinical(1);
    struct served served;

    (void)state;
    open_clinical(&served, server);
    assert_int_equal(SEED_ESTATE, seed_doctor_prepare(server));
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void has_a_desk_for_each_worker(void **state)
{
    seed_server *server = clinical(2);
    struct served served;
    struct desk *desk;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    ask_often(server, "/", 20);
    assert_int_equal(0, serve_stop(&served));

    for (int i = 0; i < 2; i++) {
        desk = atomic_load(&seed__exam_of(server)->desks[i]);
        assert_non_null(desk);
        assert_null(atomic_load(&desk->worker));
        assert_int_equal(counter_get(&desk->begun),
            counter_get(&desk->statuses[2]));
        assert_int_equal(counter_get(&desk->opened),
            counter_get(&desk->closed));
    }
    seed_server_free(server);
}

static void knows_its_own_hooks(void **state)
{
    (void)state;
    assert_true(seed__exam_owns((void *)(uintptr_t)seed__exam_count));
    assert_false(seed__exam_owns((void *)(uintptr_t)forget));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_prepared_once),
        cmocka_unit_test(uses_what_is_there),
        cmocka_unit_test(comes_too_late),
        cmocka_unit_test(has_a_desk_for_each_worker),
        cmocka_unit_test(knows_its_own_hooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
