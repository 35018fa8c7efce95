/* SPDX-License-Identifier: MIT */
#include "clinic/exam.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static struct exam exam;

static void tell(uint64_t turn, uint64_t age, const seed_site *site,
    const char *stack)
{
    const seed_stall stall = { .turn = turn, .age = age, .site = site,
        .stack = stack, .call = "read of /tmp/x", .method = "", .url = "",
        .cause = SEED_STALL_WAITS };

    seed__exam_held(&stall, &exam);
}

/* A turn that is told of at 42, 84 and 168 ms has cost 168. */
static void adds_time_by_place(void **state)
{
    static const seed_site site = { .kind = "use", .function = "slow",
        .file = "a.c", .line = 3 };

    (void)state;
    memset(&exam, 0, sizeof exam);
    tell(1, 42 * MS, &site, "read, slow, main");
    tell(1, 84 * MS, &site, "read, slow, main");
    tell(1, 168 * MS, &site, "read, slow, main");
    tell(2, 50 * MS, &site, "read, slow, main");
    tell(3, 60 * MS, NULL, "clock_nanosleep, usleep, sweep, main");
    assert_int_equal(2, exam.held_count);
    assert_int_equal(2, exam.held[0].count);
    assert_int_equal(218 * MS, exam.held[0].time);
    assert_string_equal("slow", exam.held[0].function);
    assert_int_equal(3, exam.held[0].line);
    assert_string_equal("read of /tmp/x", exam.held[0].call);
    assert_int_equal(1, exam.held[1].count);
    assert_string_equal("", exam.held[1].function);
    assert_string_equal("sweep", exam.held[1].frame);
}

static const struct {
    const char *stack, *frame;
} stacks[] = {
    { "burn, seed__chain_run, main", "burn" },
    { "libfoo.so+0x12, __read, work, main", "work" },
    { "seed__loop_run, event_base_loop, main", "main" },
    { "", "" },
    { "libc.so.6+0x1234", "" },
};

static void names_the_programs_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stacks / sizeof *stacks; i++) {
        memset(&exam, 0, sizeof exam);
        tell(1, 50 * MS, NULL, stacks[i].stack);
        assert_string_equal(stacks[i].frame, exam.held[0].frame);
    }
}

static void has_room_for_so_many(void **state)
{
    seed_site site = { .kind = "use", .function = "slow", .file = "a.c" };

    (void)state;
    memset(&exam, 0, sizeof exam);
    for (site.line = 1; site.line <= 3 * FACT_HELD; site.line++)
        tell((uint64_t)site.line, 50 * MS, &site, "slow, main");
    assert_int_equal(FACT_HELD, exam.held_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_time_by_place),
        cmocka_unit_test(names_the_programs_own),
        cmocka_unit_test(has_room_for_so_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
