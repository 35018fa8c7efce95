/* SPDX-License-Identifier: MIT */
#include "clinic/proto.h"

#include "unit/failing.h"

#include <seed/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The examples of the encoding's documentation: 150 in field 1, "testing" in
 * field 2, a message with 150 in field 3. */
static void writes_fields(void **state)
{
    static const unsigned char want[] = { 0x08, 0x96, 0x01, 0x12, 7, 't', 'e',
        's', 't', 'i', 'n', 'g', 0x1a, 3, 0x08, 0x96, 0x01, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
    struct proto proto = { 0 }, inner = { 0 };

    (void)state;
    seed__proto_number(&proto, 1, 150);
    seed__proto_number(&proto, 9, 0); /* left out */
    seed__proto_text(&proto, 2, "testing");
    seed__proto_number(&inner, 1, 150);
    seed__proto_message(&proto, 3, &inner);
    assert_int_equal(inner.length, 0);
    seed__proto_varint(&proto, UINT64_MAX);
    assert_false(proto.failed);
    assert_int_equal(proto.length, sizeof want);
    assert_memory_equal(proto.bytes, want, sizeof want);
    seed_release(proto.bytes);
    seed_release(inner.bytes);
    assert_int_equal(failing.live, 0);
}

static void fails_as_a_whole(void **state)
{
    struct proto proto = { 0 }, inner = { 0 };

    (void)state;
    failing.left = 0;
    seed__proto_text(&inner, 1, "x");
    failing.left = -1;
    assert_true(inner.failed);
    seed__proto_message(&proto, 1, &inner);
    assert_true(proto.failed);
    seed_release(proto.bytes);
    seed_release(inner.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_fields),
        cmocka_unit_test(fails_as_a_whole),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
