/* SPDX-License-Identifier: MIT */
#include "http/words.h"

#include <ctype.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    int code;
    const char *reason, *name;
} statuses[] = {
    { 100, "Continue", NULL },
    { 200, "OK", NULL },
    { 304, "Not Modified", NULL },
    { 400, "Bad Request", "BadRequest" },
    { 404, "Not Found", "NotFound" },
    { 405, "Method Not Allowed", "MethodNotAllowed" },
    { 413, "Content Too Large", "PayloadTooLarge" },
    { 414, "URI Too Long", "UriTooLong" },
    { 418, "I'm a Teapot", "ImATeapot" },
    { 422, "Unprocessable Content", "UnprocessableEntity" },
    { 429, "Too Many Requests", "TooManyRequests" },
    { 500, "Internal Server Error", "InternalServer" },
    { 505, "HTTP Version Not Supported", "HttpVersionNotSupported" },
    { 511, "Network Authentication Required",
        "NetworkAuthenticationRequired" },
    /* Strangers get the words of their class. */
    { 199, "Continue", NULL },
    { 299, "OK", NULL },
    { 444, "Bad Request", "BadRequest" },
    { 599, "Internal Server Error", "InternalServer" },
    { 600, "Internal Server Error", "InternalServer" },
    { 99, "Internal Server Error", "InternalServer" },
    { 0, "Internal Server Error", "InternalServer" },
    { -404, "Internal Server Error", "InternalServer" },
};

static void names_statuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        const struct status *status = seed__status(statuses[i].code);

        assert_string_equal(status->reason, statuses[i].reason);
        if (!statuses[i].name)
            assert_null(status->name);
        if (statuses[i].name)
            assert_string_equal(status->name, statuses[i].name);
    }
}

/* Every error has a name; a name is one word, and no two have the same. */
static void gives_every_error_one_name(void **state)
{
    (void)state;
    for (int code = 100; code < 600; code++) {
        const struct status *status = seed__status(code);

        assert_int_equal(status->code >= 400, status->name != NULL);
        if (status->code != code || !status->name)
            continue;
        for (const char *at = status->name; *at; at++)
            assert_true(isalpha((unsigned char)*at));
        for (int other = 400; other < code; other++)
            assert_true(seed__status(other)->code != other ||
                strcmp(seed__status(other)->name, status->name) != 0);
    }
}

static void writes_status_lines(void **state)
{
    (void)state;
    for (int code = 100; code < 1000; code++) {
        char want[128], scratch[64];
        struct str line = seed__status_line(code, scratch);

        snprintf(want, sizeof want, "HTTP/1.1 %d %s\r\n", code,
            seed__status(code)->reason);
        assert_int_equal(line.length, strlen(want));
        assert_memory_equal(line.at, want, line.length);
    }
}

/* A line must have three digits, whatever the code. */
static void never_writes_another_code_than_three_digits(void **state)
{
    static const int codes[] = { 0, 99, 1000, -200, INT32_MAX, INT32_MIN };
    static const char want[] = "HTTP/1.1 500 Internal Server Error\r\n";

    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        char scratch[64];
        struct str line = seed__status_line(codes[i], scratch);

        assert_int_equal(line.length, sizeof want - 1);
        assert_memory_equal(line.at, want, line.length);
    }
}

static void knows_methods(void **state)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT",
        "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND",
        "MKCOL", "REPORT", "SEARCH", "LINK", "VERSION-CONTROL" };
    static const char *const unknown[] = { "", "get", "Get", "GETX", "GE",
        "FOO", "PRI", "M-SEARCH", "*" };

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++)
        assert_true(seed__method_known(seed__str(known[i])));
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_false(seed__method_known(seed__str(unknown[i])));
}

static void judges_names_and_values(void **state)
{
    (void)state;
    assert_true(seed__token_valid(STR("X-a_1.!#$%&'*+^`|~")));
    assert_false(seed__token_valid(STR("")));
    assert_false(seed__token_valid(STR("a b")));
    assert_false(seed__token_valid(STR("a:")));
    assert_false(seed__token_valid(STR("a\0")));
    assert_false(seed__token_valid(STR("\xe9")));

    assert_true(seed__field_value_valid(STR("")));
    assert_true(seed__field_value_valid((struct str){ NULL, 0 }));
    assert_true(seed__field_value_valid(STR("a b\tc\xe9")));
    assert_false(seed__field_value_valid(STR("a\r\nSet-Cookie: b")));
    assert_false(seed__field_value_valid(STR("a\n")));
    assert_false(seed__field_value_valid(STR("a\0")));
    assert_false(seed__field_value_valid(STR("a\x7f")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_statuses),
        cmocka_unit_test(gives_every_error_one_name),
        cmocka_unit_test(writes_status_lines),
        cmocka_unit_test(never_writes_another_code_than_three_digits),
        cmocka_unit_test(knows_methods),
        cmocka_unit_test(judges_names_and_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
