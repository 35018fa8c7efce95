/* SPDX-License-Identifier: MIT */
#include "watch/metrics.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static seed_step answer(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send(res, atoi(seed_req_param(req, "status")));
}

static void knows_statuses(void **state)
{
    static const struct {
        int status;
        unsigned label;
    } cases[] = { { 0, 0 }, { 101, 0 }, { 199, 0 }, { 200, 1 }, { 299, 1 },
        { 300, 2 }, { 304, 2 }, { 400, 3 }, { 443, 3 }, { 444, 5 },
        { 445, 3 }, { 499, 3 }, { 500, 4 }, { 599, 4 }, { 999, 4 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(seed__metrics_status(cases[i].status),
            cases[i].label);
    assert_int_equal(seed__metrics_method("GET"), 0);
    assert_int_equal(seed__metrics_method("TRACE"), OTHER_METHOD - 1);
    assert_int_equal(seed__metrics_method("get"), OTHER_METHOD);
    assert_int_equal(seed__metrics_method(""), OTHER_METHOD);
}

static const struct {
    const char *method, *url;
    int times;
    const char *want; /* labels of their counter */
} asked[] = {
    { "GET", "/s/200", 2,
        "route=\"/s/:status\",method=\"GET\",status=\"2xx\"" },
    { "HEAD", "/s/204", 1,
        "route=\"/s/:status\",method=\"HEAD\",status=\"2xx\"" },
    { "GET", "/s/301", 1,
        "route=\"/s/:status\",method=\"GET\",status=\"3xx\"" },
    { "POST", "/s/503", 3,
        "route=\"/s/:status\",method=\"POST\",status=\"5xx\"" },
    { "PROPFIND", "/s/200", 1,
        "route=\"/s/:status\",method=\"PROPFIND\",status=\"2xx\"" },
    { "REPORT", "/s/200", 2,
        "route=\"/s/:status\",method=\"REPORT\",status=\"2xx\"" },
    { "DELETE", "/any/200", 1,
        "route=\"/any/:status\",method=\"DELETE\",status=\"2xx\"" },
    { "PROPFIND", "/any/200", 1,
        "route=\"/any/:status\",method=\"other\",status=\"2xx\"" },
    { "GET", "/no", 1, "route=\"none\",method=\"GET\",status=\"4xx\"" },
    { "DELETE", "/s/200", 1,
        "route=\"none\",method=\"DELETE\",status=\"4xx\"" },
    { "PROPFIND", "/no", 1,
        "route=\"none\",method=\"other\",status=\"4xx\"" },
};

/* No sample stands there twice: Prometheus would refuse the whole text. */
static void check_unique(char *text)
{
    static char *lines[4096];
    size_t count = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (*line == '#')
            continue;
        *strrchr(line, ' ') = '\0';
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(lines[i], line);
        lines[count++] = line;
        assert_true(count < sizeof lines / sizeof *lines);
    }
    assert_true(count > 100);
}

static void labels_what_it_counts(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);
    char *text, line[256];

    (void)state;
    seed_get(server, "/s/:status", answer, NULL);
    seed_post(server, "/s/:status", answer, NULL);
    seed_route_add(server, "PROPFIND", "/s/:status", answer, NULL);
    seed_route_add(server, "REPORT", "/s/:status", answer, NULL);
    seed_route_add(server, "*", "/any/:status", answer, NULL);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        for (int k = 0; k < asked[i].times; k++)
            seed_reply_free(seed_inject(server, &(struct seed_injection){
                .method = asked[i].method, .url = asked[i].url }));

    text = seed_metrics_text(metrics, false, NULL);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        snprintf(line, sizeof line, "\nseed_requests_total{%s} %d\n",
            asked[i].want, asked[i].times);
        if (!strstr(text, line)) {
            print_error("%s\nhas no %s\n", text, line);
            fail();
        }
    }
    assert_non_null(strstr(text, "seed_request_duration_seconds_count{"
        "route=\"/s/:status\",method=\"GET\"} 4\n"));
    assert_non_null(strstr(text, "seed_request_duration_seconds_count{"
        "route=\"none\"} 3\n"));
    check_unique(text);
    seed_release(text);
    seed_server_free(server);
    seed_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_statuses),
        cmocka_unit_test(labels_what_it_counts),
    };

    return cmocka_run_group_tests_name("watch/metrics_routes", tests, NULL,
        NULL);
}
