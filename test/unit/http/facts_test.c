/* SPDX-License-Identifier: MIT */
#include "http/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct head_limits limits = { 8192, 8192, 32768, 100 };

/* What a field makes of a message: through head, whose part facts is. */
static enum head_verdict check(struct head *head, const char *version,
    const char *lines)
{
    static struct field fields[20];
    static char bytes[512];

    strcpy(bytes, "POST / ");
    strcat(bytes, version);
    strcat(bytes, "\r\nHost: a\r\n");
    strcat(bytes, lines);
    strcat(bytes, "\r\n");
    seed__head_begin(head, fields, COUNT(fields));
    return seed__head_check(head, bytes, strlen(bytes), &limits);
}

static const struct {
    const char *version, *lines;
    bool keep_alive;
} connections[] = {
    { "HTTP/1.1", "", true },
    { "HTTP/1.1", "Connection: close\r\n", false },
    { "HTTP/1.1", "connection: CLOSE\r\n", false },
    { "HTTP/1.1", "Connection: keep-alive, close\r\n", false },
    { "HTTP/1.1", "Connection: close\r\nConnection: keep-alive\r\n", false },
    { "HTTP/1.1", "Connection: keep-alive\r\nConnection: a,\tclose \r\n",
        false },
    { "HTTP/1.1", "Connection: closed\r\n", true },
    { "HTTP/1.1", "Connection: clos\r\nConnection: e\r\n", true },
    { "HTTP/1.1", "Connection:\r\n", true },
    { "HTTP/1.1", "Connection: ,,\r\n", true },
    { "HTTP/1.1", "Proxy-Connection: close\r\n", true },
    { "HTTP/1.1", "Connectiom: close\r\n", true },
    { "HTTP/1.5", "", true },
    { "HTTP/1.0", "", false },
    { "HTTP/1.0", "Connection: keep-alive\r\n", true },
    { "HTTP/1.0", "Connection: Keep-Alive , x\r\n", true },
    { "HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false },
    { "HTTP/1.0", "Connection: x\r\n", false },
};

static void knows_whether_the_connection_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(connections); i++) {
        struct head head;

        assert_int_equal(check(&head, connections[i].version,
            connections[i].lines), HEAD_OK);
        if (head.keep_alive != connections[i].keep_alive)
            fail_msg("%s: %s", connections[i].version, connections[i].lines);
    }
}

static const struct {
    const char *version, *lines;
    enum head_verdict verdict;
    bool expected;
} expectations[] = {
    { "HTTP/1.1", "", HEAD_OK, false },
    { "HTTP/1.1", "Expect: 100-continue\r\n", HEAD_OK, true },
    { "HTTP/1.1", "eXPECT: 100-CONTINUE\r\n", HEAD_OK, true },
    { "HTTP/1.1", "Expect: 100-continue\r\nExpect: 100-continue\r\n", HEAD_OK,
        true },
    { "HTTP/1.1", "Expect: 100-continue, x\r\n", HEAD_BAD_EXPECT, false },
    { "HTTP/1.1", "Expect:\r\n", HEAD_BAD_EXPECT, false },
    { "HTTP/1.1", "Expext: x\r\n", HEAD_OK, false },
    { "HTTP/1.0", "Expect: 100-continue\r\n", HEAD_OK, false },
    { "HTTP/1.0", "Expect: x\r\n", HEAD_OK, false },
};

static void knows_what_the_client_expects(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(expectations); i++) {
        struct head head;

        assert_int_equal(check(&head, expectations[i].version,
            expectations[i].lines), expectations[i].verdict);
        if (expectations[i].verdict == HEAD_OK)
            assert_int_equal(head.expect_continue, expectations[i].expected);
    }
}

static const struct {
    const char *lines;
    bool chunked, has_length;
    uint64_t length;
} framings[] = {
    { "", false, false, 0 },
    { "Content-Length: 0\r\n", false, true, 0 },
    { "content-length: 007\r\n", false, true, 7 },
    { "Content-Length:\t9223372036854775807 \r\n", false, true, INT64_MAX },
    { "Transfer-Encoding: chunked\r\n", true, false, 0 },
    { "TRANSFER-ENCODING:Chunked\r\n", true, false, 0 },
    { "Content-Lengtj: 5\r\n", false, false, 0 },
    { "Transfer_Encoding: chunked\r\n", false, false, 0 },
};

static void knows_how_the_body_is_framed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(framings); i++) {
        struct head head;

        assert_int_equal(check(&head, "HTTP/1.1", framings[i].lines), HEAD_OK);
        assert_int_equal(head.chunked, framings[i].chunked);
        assert_int_equal(head.has_length, framings[i].has_length);
        assert_int_equal(head.length, framings[i].length);
    }
}

static void takes_minor_versions_above_one_for_one(void **state)
{
    static const char *const versions[] = { "HTTP/1.0", "HTTP/1.1",
        "HTTP/1.2", "HTTP/1.9" };

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct head head;

        assert_int_equal(check(&head, versions[i], ""), HEAD_OK);
        assert_int_equal(head.minor, i > 0);
    }
}

/* HTTP/1.0 knows no codings at all, so that 501 would be the wrong hint. */
static void refuses_codings_in_1_0(void **state)
{
    struct head head;

    (void)state;
    assert_int_equal(check(&head, "HTTP/1.0", "Transfer-Encoding: gzip\r\n"),
        HEAD_CODING_IN_10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_whether_the_connection_stays),
        cmocka_unit_test(knows_what_the_client_expects),
        cmocka_unit_test(knows_how_the_body_is_framed),
        cmocka_unit_test(takes_minor_versions_above_one_for_one),
        cmocka_unit_test(refuses_codings_in_1_0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
