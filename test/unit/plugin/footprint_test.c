/* SPDX-License-Identifier: MIT */
#include "plugin/footprint.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* link: -Wl,--wrap=mallinfo2 */

/* Sanitizers and valgrind bring a malloc() of their own. */
struct mallinfo2 __wrap_mallinfo2(void);

static struct mallinfo2 told;

struct mallinfo2 __wrap_mallinfo2(void)
{
    return told;
}

static void heap_is_what_was_given_out(void **state)
{
    (void)state;
    told = (struct mallinfo2){ .arena = 1000, .fordblks = 300,
        .uordblks = 700, .hblkhd = 5000 };
    assert_int_equal(seed__footprint_heap(), 5700);
}

static void rss_grows_with_what_is_touched(void **state)
{
    enum { BIG = 32 << 20 };
    char *map = mmap(NULL, BIG, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t before = seed__footprint_rss(), after;

    (void)state;
    assert_true(map != MAP_FAILED);
    assert_true(before > 100000);
    memset(map, 1, BIG);
    after = seed__footprint_rss();
    assert_true(after > before + BIG / 2);
    munmap(map, BIG);
    assert_true(seed__footprint_rss() < after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_is_what_was_given_out),
        cmocka_unit_test(rss_grows_with_what_is_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
