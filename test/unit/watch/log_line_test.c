/* SPDX-License-Identifier: MIT */
#include "watch/log_line.h"

#include <seed/log.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIELDS(...) (const seed_log_field[]){ __VA_ARGS__, seed_no_more() }

static char room[8192];

static const char *write_line(const seed_log_field *fields,
    const char *const *paths, bool remove)
{
    struct redact *redact;
    struct line line;

    assert_int_equal(0, seed__redact_new(&redact, paths, "***", remove));
    seed__line_begin(&line, room, room + sizeof room - 1, redact);
    seed__line_fields(&line, fields);
    assert_false(line.out.full);
    assert_int_equal(0, line.depth);
    *line.out.at = '\0';
    seed__redact_free(redact);
    return room;
}

static void writes_every_kind(void **state)
{
    (void)state;
    assert_string_equal(
        ",\"s\":\"v\",\"n\":null,\"t\":\"a\\u0000b\",\"i\":-7,\"u\":7,"
        "\"f\":0.5,\"nan\":null,\"yes\":true,\"no\":false,\"z\":null,"
        "\"r\":[1, 2],\"e\":null",
        write_line(FIELDS(seed_str("s", "v"), seed_str("n", NULL),
                       seed_text("t", "a\0b", 3), seed_int("i", -7),
                       seed_uint("u", 7), seed_num("f", 0.5),
                       seed_num("nan", NAN), seed_bool("yes", true),
                       seed_bool("no", false), seed_null("z"),
                       seed_raw("r", "[1,\n2]", 6), seed_raw("e", "", 0)),
            NULL, false));
    assert_string_equal("", write_line(NULL, NULL, false));
    assert_string_equal(",\"q\\\"\":1",
        write_line(FIELDS(seed_int("q\"", 1)), NULL, false));
}

static void nests(void **state)
{
    (void)state;
    assert_string_equal(",\"a\":{\"b\":1,\"c\":[1,{},[]]},\"d\":2",
        write_line(FIELDS(seed_obj("a"), seed_int("b", 1), seed_arr("c"),
                       seed_int(NULL, 1), seed_obj(NULL), seed_end(),
                       seed_arr(NULL), seed_end(), seed_end(), seed_end(),
                       seed_int("d", 2)),
            NULL, false));
}

/* A line is JSON whatever its fields are. */
static void mends_what_is_wrong(void **state)
{
    (void)state;
    assert_string_equal(",\"a\":{\"b\":[1]}",
        write_line(FIELDS(seed_obj("a"), seed_arr("b"), seed_int("key", 1)),
            NULL, false));
    assert_string_equal(",\"a\":1",
        write_line(FIELDS(seed_end(), seed_int("a", 1), seed_end()), NULL,
            false));
    assert_string_equal(",\"\":1",
        write_line(FIELDS(seed_int(NULL, 1)), NULL, false));
}

static void nests_16_deep(void **state)
{
    seed_log_field fields[64];
    size_t count = 0;

    (void)state;
    for (int i = 0; i < 17; i++)
        fields[count++] = seed_arr("a");
    for (int i = 0; i < 17; i++)
        fields[count++] = seed_end();
    fields[count++] = seed_int("b", 1);
    fields[count] = seed_no_more();
    assert_string_equal(
        ",\"a\":[[[[[[[[[[[[[[[[null]]]]]]]]]]]]]]]],\"b\":1",
        write_line(fields, NULL, false));
}

static const char *const paths[] = { "token", "user.name", "list[1].key",
    "list[2]", "*.secret", "deep.*.x", NULL };

#define PRIVATE \
    FIELDS(seed_str("token", "t"), seed_obj("user"), seed_str("name", "n"), \
        seed_str("id", "i"), seed_str("secret", "s"), seed_end(), \
        seed_arr("list"), seed_obj(NULL), seed_int("key", 0), seed_end(), \
        seed_obj(NULL), seed_int("key", 1), seed_end(), seed_int(NULL, 2), \
        seed_int(NULL, 3), seed_end(), seed_obj("deep"), seed_obj("any"), \
        seed_int("x", 1), seed_int("y", 2), seed_end(), seed_end(), \
        seed_int("secret", 1))

static void redacts_by_path(void **state)
{
    (void)state;
    assert_string_equal(
        ",\"token\":\"***\",\"user\":{\"name\":\"***\",\"id\":\"i\","
        "\"secret\":\"***\"},\"list\":[{\"key\":0},{\"key\":\"***\"},"
        "\"***\",3],\"deep\":{\"any\":{\"x\":\"***\",\"y\":2}},\"secret\":1",
        write_line(PRIVATE, paths, false));
}

static void removes_by_path(void **state)
{
    (void)state;
    assert_string_equal(
        ",\"user\":{\"id\":\"i\"},\"list\":[{\"key\":0},{},null,3],"
        "\"deep\":{\"any\":{\"y\":2}},\"secret\":1",
        write_line(PRIVATE, paths, true));
}

static void redacts_objects_whole(void **state)
{
    static const char *const whole[] = { "user", "*", NULL };

    (void)state;
    assert_string_equal(
        ",\"token\":\"***\",\"user\":\"***\",\"list\":\"***\","
        "\"deep\":\"***\",\"secret\":\"***\"",
        write_line(PRIVATE, whole, false));
    assert_string_equal("", write_line(PRIVATE, whole, true));
}

static void says_when_it_is_full(void **state)
{
    const char *want = ",\"a\":{\"b\":\"text\"},\"n\":-12.5";
    const seed_log_field *fields = FIELDS(seed_obj("a"),
        seed_str("b", "text"), seed_end(), seed_num("n", -12.5));

    (void)state;
    for (size_t size = 0; size <= strlen(want); size++) {
        char *own = malloc(size ? size : 1); /* for ASan */
        struct line line;

        seed__line_begin(&line, own, own + size, NULL);
        seed__line_fields(&line, fields);
        assert_int_equal(size < strlen(want), line.out.full);
        free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(nests),
        cmocka_unit_test(mends_what_is_wrong),
        cmocka_unit_test(nests_16_deep),
        cmocka_unit_test(redacts_by_path),
        cmocka_unit_test(removes_by_path),
        cmocka_unit_test(redacts_objects_whole),
        cmocka_unit_test(says_when_it_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
