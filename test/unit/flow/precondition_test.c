/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

/* What is there, by the route's name. */
static const struct {
    const char *url, *etag, *modified;
} pages[] = {
    {"/both", "\"1\"", DATE},
    {"/tag", "\"1\"", NULL},
    {"/date", NULL, DATE},
    {"/nothing", NULL, NULL},
};

static seed_step judge(seed_req *req, seed_res *res, void *ctx)
{
    static const char *const words[] = {
        [SEED_PROCEED] = "proceed",
        [SEED_NOT_MODIFIED] = "not modified",
        [SEED_FAILED] = "failed",
    };
    size_t page = *(size_t *)ctx;

    return seed_send_text(res, 200,
        words[seed_req_precondition(req, pages[page].etag,
            pages[page].modified)]);
}

static const struct {
    const char *method, *url;
    const char *fields[7];
    const char *want;
} cases[] = {
    {"GET", "/both", {NULL}, "proceed"},
    {"GET", "/both", {"If-None-Match", "\"1\""}, "not modified"},
    {"HEAD", "/both", {"If-None-Match", "\"1\""}, ""},
    {"PUT", "/both", {"If-None-Match", "\"1\""}, "failed"},
    {"GET", "/both", {"if-none-match", "\"0\", W/\"1\""}, "not modified"},
    {"GET", "/both", {"If-None-Match", "\"0\"", "If-None-Match", "\"1\""},
        "not modified"},
    {"GET", "/both", {"If-Match", "\"0\"", "If-Match", "\"1\""}, "proceed"},
    {"PUT", "/both", {"If-Match", "\"0\""}, "failed"},
    {"GET", "/both", {"If-Modified-Since", DATE}, "not modified"},
    {"GET", "/tag", {"If-Modified-Since", DATE}, "proceed"},
    {"GET", "/both", {"If-Modified-Since", DATE, "If-Modified-Since", DATE},
        "proceed"},
    {"GET", "/both", {"If-None-Match", "\"0\"", "If-Modified-Since", DATE},
        "proceed"},
    {"PUT", "/date", {"If-Unmodified-Since", DATE}, "proceed"},
    {"PUT", "/date", {"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"},
        "failed"},
    {"PUT", "/nothing", {"If-None-Match", "*"}, "proceed"},
    {"PUT", "/nothing", {"If-Match", "*"}, "failed"},
    {"PUT", "/date", {"If-Match", "*"}, "proceed"},
};

static void judges_a_requests_fields(void **state)
{
    static size_t numbers[COUNT(pages)];
    seed_server *server = seed_server_new(NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        numbers[i] = i;
        seed_get(server, pages[i].url, judge, &numbers[i]);
        seed_put(server, pages[i].url, judge, &numbers[i]);
    }
    for (size_t i = 0; i < COUNT(cases); i++) {
        seed_reply *reply = seed_inject(server, &(struct seed_injection){
            .method = cases[i].method,
            .url = cases[i].url,
            .headers = cases[i].fields,
        });

        assert_non_null(reply);
        if (strcmp(seed_reply_body(reply, NULL), cases[i].want) != 0)
            fail_msg("%s %s, %s: %s gets %s", cases[i].method, cases[i].url,
                cases[i].fields[0], cases[i].fields[1],
                seed_reply_body(reply, NULL));
        seed_reply_free(reply);
    }
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_a_requests_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
