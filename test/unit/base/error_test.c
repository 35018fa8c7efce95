/* SPDX-License-Identifier: MIT */
#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void has_a_sentence_for_each(void **state)
{
    (void)state;
    assert_string_equal(seed_strerror(SEED_OK), "no error");
#define CHECK(name, value, text)                                              \
    assert_string_equal(seed_strerror(SEED_##name), text);                    \
    assert_int_equal(SEED_##name, value);
    SEED_ERRORS(CHECK)
#undef CHECK
}

static void knows_what_it_does_not_know(void **state)
{
    (void)state;
    assert_string_equal(seed_strerror(1), "unknown error");
    assert_string_equal(seed_strerror(-99), "unknown error");
    assert_string_equal(seed_strerror(INT32_MIN), "unknown error");
    assert_string_equal(seed_strerror(INT32_MAX), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_sentence_for_each),
        cmocka_unit_test(knows_what_it_does_not_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
