/* SPDX-License-Identifier: MIT */
#include "clinic/live.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static seed_server *watched, *admin;

static const struct {
    const char *url;
    int status;
    const char *type, *text; /* a part of the body; NULL: any               */
} cases[] = {
    { "/flame?seconds=1", 200, "text/html; charset=utf-8", "seed-flame" },
    { "/flame?seconds=1&format=json&hertz=249", 200, "application/json",
        "\"kind\":\"seed-flame\"" },
    { "/flame?seconds=1&format=folded", 200, "text/plain; charset=utf-8",
        NULL },
    { "/flame?seconds=1&format=pprof", 200, "application/octet-stream", NULL },
    { "/flame?seconds=1&format=speedscope", 200, "application/json",
        "speedscope" },
    { "/doctor?seconds=1&format=json", 200, "application/json",
        "\"kind\":\"seed-doctor\"" },
    { "/doctor?seconds=1&format=text", 200, "text/plain; charset=utf-8",
        "seed doctor" },
    { "/doctor?seconds=1", 200, "text/html; charset=utf-8", "seed-doctor" },
    { "/doctor?seconds=0", 400, NULL, "from 1 to 600" },
    { "/doctor?seconds=601", 400, NULL, "from 1 to 600" },
    { "/doctor?seconds=-1", 400, NULL, NULL },
    { "/doctor?format=folded", 400, NULL, "html, json, text" },
    { "/flame?seconds=", 400, NULL, NULL },
    { "/flame?format=svg", 400, NULL, "speedscope" },
    { "/flame?hertz=1001", 400, NULL, "hertz" },
};

static void answers_with_recordings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seed_reply *reply = seed_inject(admin,
            &(struct seed_injection){ .url = cases[i].url });

        assert_non_null(reply);
        assert_int_equal(cases[i].status, seed_reply_status(reply));
        if (cases[i].type)
            assert_string_equal(cases[i].type,
                seed_reply_header(reply, "Content-Type"));
        if (cases[i].text)
            assert_non_null(strstr(seed_reply_body(reply, NULL),
                cases[i].text));
        seed_reply_free(reply);
    }
}

static int open_servers(void **state)
{
    (void)state;
    watched = seed_server_new(NULL);
    admin = seed_server_new(NULL);
    seed_doctor_prepare(watched);
    seed__live_routes(admin, watched);
    return seed_server_error(admin) || seed_server_error(watched);
}

static int close_servers(void **state)
{
    (void)state;
    seed_server_free(admin);
    seed_server_free(watched);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_with_recordings),
    };

    return cmocka_run_group_tests(tests, open_servers, close_servers);
}
