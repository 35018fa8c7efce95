/* SPDX-License-Identifier: MIT */
#include "watch/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <cmocka.h>

static void check(void)
{
    struct process process;
    double now = (double)time(NULL);

    seed__process_look(&process);
    assert_true(process.cpu > 0 && process.cpu < 600);
    assert_true(process.started > now - 3600 && process.started < now + 2);
    assert_true(process.resident > 100000);
    assert_true(process.virtual >= process.resident);
    assert_true(process.threads >= 1 && process.threads < 1000);
    assert_true(process.max_fds > 10);
}

static void looks(void **state)
{
    (void)state;
    check();

    /* The name stands in the middle of the line. */
    assert_int_equal(prctl(PR_SET_NAME, "a) S 1 (b"), 0);
    check();
}

static void sees_memory_come(void **state)
{
    enum { BIG = 8 << 20 };
    struct process before, after;
    char *memory;

    (void)state;
    seed__process_look(&before);
    memory = malloc(BIG);
    assert_non_null(memory);
    memset(memory, 7, BIG);
    seed__process_look(&after);
    assert_true(after.resident >= before.resident + BIG / 2);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks),
        cmocka_unit_test(sees_memory_come),
    };

    return cmocka_run_group_tests_name("watch/process", tests, NULL, NULL);
}
