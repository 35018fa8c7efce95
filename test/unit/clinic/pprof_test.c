/* SPDX-License-Identifier: MIT */
/* That a real reader understands it is tested with `go tool pprof`, see
 * test/wire/npm. */
#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <zlib.h>

enum { ROOM = 1 << 20 };

static unsigned char plain[ROOM];

static size_t unpack(char *bytes, size_t length)
{
    z_stream stream = { .next_in = (unsigned char *)bytes,
        .avail_in = (unsigned)length, .next_out = plain, .avail_out = ROOM };

    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    return stream.total_out;
}

static uint64_t varint(const unsigned char **at)
{
    uint64_t value = 0;
    int shift = 0;

    do
        value |= (uint64_t)(**at & 0x7f) << shift, shift += 7;
    while (*(*at)++ & 0x80);
    return value;
}

static void writes_a_profile(void **state)
{
    size_t fields[16] = { 0 };
    const unsigned char *at = plain, *end;
    bool first = true;
    seed_flame flame;
    size_t length;
    char *bytes;

    (void)state;
    made_fill(&flame);
    bytes = seed__flame_pprof(&flame, &length);
    assert_non_null(bytes);
    end = plain + unpack(bytes, length);
    while (at < end) {
        uint64_t tag = varint(&at), value = varint(&at);

        assert_in_range(tag >> 3, 1, 15);
        fields[tag >> 3]++;
        if (tag >> 3 == 6 && first) {
            assert_int_equal(value, 0); /* the first string is empty */
            first = false;
        }
        if ((tag & 7) == 2)
            at += value;
    }
    assert_ptr_equal(at, end);
    assert_int_equal(fields[1], 2); /* types of values */
    assert_int_equal(fields[2], 4); /* stacks */
    assert_true(fields[3] >= 4);    /* modules */
    assert_int_equal(fields[4], 5); /* places */
    assert_int_equal(fields[5], 5); /* functions */
    assert_int_equal(fields[11], 1);
    assert_int_equal(fields[12], 1);
    seed_release(bytes);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

static void survives_without_memory(void **state)
{
    seed_flame flame;
    char *bytes = NULL;
    long live;

    (void)state;
    made_fill(&flame);
    live = failing.live;
    for (int i = 0; !bytes; i++) {
        failing.left = i;
        bytes = seed__flame_pprof(&flame, NULL);
        failing.left = -1;
        assert_int_equal(failing.live, live + (bytes != NULL));
    }
    seed_release(bytes);
    made_clear(&flame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_profile),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
