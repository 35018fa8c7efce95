/* SPDX-License-Identifier: MIT */
#include "watch/log_http.h"

#include <seed/error.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char room[1024];

static const char *write_field(seed_log_field field)
{
    const seed_log_field fields[] = { field, seed_no_more() };
    struct line line;

    seed__line_begin(&line, room, room + sizeof room - 1, NULL);
    seed__line_fields(&line, fields);
    assert_false(line.out.full);
    *line.out.at = '\0';
    return room;
}

static const struct {
    seed_fault fault;
    const char *want;
} faults[] = {
    { { 404, "NotFound", "ResourceNotFound", "no user 7", NULL },
        "{\"type\":\"NotFoundError\",\"message\":\"no user 7\","
        "\"stack\":\"NotFoundError: no user 7\","
        "\"code\":\"ResourceNotFound\",\"statusCode\":404}" },
    { { 500, "InternalServerError", NULL, "broken", "disk \"a\" is full" },
        "{\"type\":\"InternalServerError\","
        "\"message\":\"broken: disk \\\"a\\\" is full\","
        "\"stack\":\"InternalServerError: broken\\ncaused by: "
        "disk \\\"a\\\" is full\",\"statusCode\":500}" },
    { { 500, NULL, NULL, NULL, NULL },
        "{\"type\":\"Error\",\"message\":\"\",\"stack\":\"Error\","
        "\"statusCode\":500}" },
};

static void writes_faults_as_pino_writes_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        const char *text = write_field(seed_as_err(&faults[i].fault));

        assert_memory_equal(",\"err\":", text, 7);
        assert_string_equal(faults[i].want, text + 7);
    }
    assert_string_equal(",\"err\":null", write_field(seed_as_err(NULL)));
}

static void writes_failed_calls_as_node_does(void **state)
{
    char want[512], said[64];

    (void)state;
    snprintf(want, sizeof want,
        ",\"err\":{\"type\":\"Error\",\"message\":\"ENOENT: %s, open\","
        "\"stack\":\"Error: ENOENT: %s, open\",\"errno\":-%d,"
        "\"code\":\"ENOENT\",\"syscall\":\"open\"}",
        strerror(ENOENT), strerror(ENOENT), ENOENT);
    assert_string_equal(want, write_field(seed_as_errno("open", ENOENT)));

    strcpy(said, strerror(12345));
    snprintf(want, sizeof want,
        ",\"err\":{\"type\":\"Error\",\"message\":\"%s\","
        "\"stack\":\"Error: %s\",\"errno\":-12345}",
        said, said);
    assert_string_equal(want, write_field(seed_as_errno(NULL, 12345)));
}

static void explains_a_status(void **state)
{
    struct line line;

    (void)state;
    seed__line_begin(&line, room, room + sizeof room - 1, NULL);
    seed__line_status(&line, 503);
    *line.out.at = '\0';
    assert_string_equal(
        "{\"type\":\"Error\",\"message\":\"failed with status code "
        "503\",\"stack\":\"Error: failed with status code 503\"}",
        room);
}

/* Each part has a path of its own. */
static void is_redacted_by_part(void **state)
{
    static const char *const paths[] = { "err.message", "err.stack", NULL };
    const seed_log_field fields[] = { seed_as_err(&faults[0].fault),
        seed_no_more() };
    struct redact *redact;
    struct line line;

    (void)state;
    assert_int_equal(0, seed__redact_new(&redact, paths, NULL, true));
    seed__line_begin(&line, room, room + sizeof room - 1, redact);
    seed__line_fields(&line, fields);
    *line.out.at = '\0';
    assert_string_equal(",\"err\":{\"type\":\"NotFoundError\","
                        "\"code\":\"ResourceNotFound\",\"statusCode\":404}",
        room);
    seed__redact_free(redact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_faults_as_pino_writes_errors),
        cmocka_unit_test(writes_failed_calls_as_node_does),
        cmocka_unit_test(explains_a_status),
        cmocka_unit_test(is_redacted_by_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
