/* SPDX-License-Identifier: MIT */
/* Successors that are no servers: a shell says what it has. */
#include "server/heir.h"

#include <seed/error.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char digits[64] = "LISTEN_PID=";

static struct heir start(const char *script)
{
    static char *arguments[] = { (char *)"sh", (char *)"-c", NULL, NULL };
    static char *environment[] = { digits, NULL };
    struct heir heir = {
        .arguments = arguments,
        .environment = environment,
        .pid_digits = digits + strlen("LISTEN_PID="),
        .low = PASSED_FIRST + 1,
    };

    arguments[2] = (char *)(uintptr_t)script;
    assert_int_equal(seed__heir_start(&heir), 0);
    assert_true(heir.pid > 0);
    return heir;
}

static int parent_of(pid_t pid)
{
    char path[64], line[512];
    int parent = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_int_equal(sscanf(strrchr(line, ')'), ") %*c %d", &parent), 1);
    return parent;
}

static void serves_as_nobodys_child(void **state)
{
    struct heir heir = start("test $LISTEN_PID = $$ && printf . >&3\n"
        "exec sleep 60");

    (void)state;
    assert_true(seed__heir_serves(&heir, 10000));
    assert_int_not_equal(parent_of(heir.pid), getpid());
    seed__heir_end(&heir, 10000);
    assert_int_equal(seed__heir_serves(&heir, 10000), false);
    close(heir.ready[0]);
}

static void is_seen_to_end(void **state)
{
    struct heir heir = start("exit 0");

    (void)state;
    assert_false(seed__heir_serves(&heir, 10000));
    close(heir.ready[0]);
}

/* It says nothing, and does not mind being told to end. */
static void is_made_to_end(void **state)
{
    struct heir heir = start("trap '' TERM; while :; do sleep 1; done");
    char byte;

    (void)state;
    assert_false(seed__heir_serves(&heir, 100));
    seed__heir_end(&heir, 100);
    assert_int_equal(read(heir.ready[0], &byte, 1), 0); /* nobody has it */
    close(heir.ready[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_as_nobodys_child),
        cmocka_unit_test(is_seen_to_end),
        cmocka_unit_test(is_made_to_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
