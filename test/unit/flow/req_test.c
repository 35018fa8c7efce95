/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

struct open {
    struct life life;
    struct client client;
    seed_req *req;
};

/* The request waits in `pre`, or behind the route "/u/:id/:rest". */
static seed_step wait_here(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_WAIT;
}

static void begin(struct open *open, bool in_pre, const char *request)
{
    memset(open, 0, sizeof *open);
    life_open(&open->life, "");
    if (in_pre)
        life_pre(&open->life, wait_here, NULL);
    life_route(&open->life, "GET", "/u/:id/*", wait_here, NULL);
    open->req = life_begin(&open->life, &open->client, request);
    assert_non_null(open->req);
}

static void end(struct open *open)
{
    life_gone(&open->client);
    seed_resume(open->req, SEED_STOP);
    life_close(&open->life);
    life_forget(&open->client);
}

static void takes_targets_apart(void **state)
{
    static const struct {
        const char *line, *host_field;
        const char *target, *url, *path, *query, *host;
    } cases[] = {
        { "GET /a/b?c=d&e", "h", "/a/b?c=d&e", "/a/b?c=d&e", "/a/b", "c=d&e",
            "h" },
        { "GET /a", "h:80", "/a", "/a", "/a", "", "h:80" },
        { "GET /a?", "h", "/a?", "/a?", "/a", "", "h" },
        { "GET /a??b?", "h", "/a??b?", "/a??b?", "/a", "?b?", "h" },
        { "GET http://x:8/a?b", "x:8", "http://x:8/a?b", "/a?b", "/a", "b",
            "x:8" },
        { "GET http://x/", "y", "http://x/", "/", "/", "", "x" },
        { "GET http://x", "y", "http://x", "/", "/", "", "x" },
        { "GET http://x?q=1", "y", "http://x?q=1", "/?q=1", "/", "q=1", "x" },
        { "OPTIONS *", "h", "*", "*", "*", "", "h" },
        { "GET /%41", "", "/%41", "/%41", "/%41", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct open open;
        char text[256];

        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: %s\r\n\r\n",
            cases[i].line, cases[i].host_field);
        begin(&open, true, text);
        /* Twice, and in either order: some are made when first asked for. */
        for (int k = 0; k < 2; k++) {
            assert_string_equal(cases[i].query,
                seed_req_query_string(open.req));
            assert_string_equal(cases[i].path, seed_req_path(open.req));
            assert_string_equal(cases[i].url, seed_req_url(open.req));
            assert_string_equal(cases[i].target, seed_req_target(open.req));
            assert_string_equal(cases[i].host, seed_req_host(open.req));
        }
        end(&open);
    }
}

static void knows_versions(void **state)
{
    static const struct {
        const char *text, *host;
        int minor;
    } cases[] = {
        { "GET / HTTP/1.0\r\n\r\n", "", 0 },
        { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "a", 1 },
        { "GET / HTTP/1.7\r\nHost: a\r\n\r\n", "a", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct open open;

        begin(&open, true, cases[i].text);
        assert_int_equal(cases[i].minor, seed_req_minor_version(open.req));
        assert_string_equal(cases[i].host, seed_req_host(open.req));
        assert_string_equal("GET", seed_req_method(open.req));
        end(&open);
    }
}

static void finds_fields(void **state)
{
    struct open open;
    const char *name, *value;

    (void)state;
    begin(&open, true, "GET / HTTP/1.1\r\nHost: a\r\nX-One:1\r\nx-two: \t2 \r\n"
        "Empty:\r\nX-TWO:   three, four\r\nAccept: */*\r\n\r\n");
    assert_string_equal("1", seed_req_header(open.req, "x-ONE"));
    assert_string_equal("2", seed_req_header(open.req, "X-Two"));
    assert_string_equal("", seed_req_header(open.req, "empty"));
    assert_null(seed_req_header(open.req, "X-On"));
    assert_null(seed_req_header(open.req, "X-One1"));
    assert_null(seed_req_header(open.req, ""));
    assert_string_equal("2, three, four",
        seed_req_header_list(open.req, "x-two"));
    assert_string_equal("*/*", seed_req_header_list(open.req, "accept"));
    assert_string_equal("", seed_req_header_list(open.req, "Empty"));
    assert_null(seed_req_header_list(open.req, "none"));

    assert_true(seed_req_field(open.req, 2, &name, &value));
    assert_string_equal("x-two", name);
    assert_string_equal("2", value);
    assert_true(seed_req_field(open.req, 5, &name, &value));
    assert_string_equal("Accept", name);
    assert_false(seed_req_field(open.req, 6, &name, &value));
    end(&open);
}

static void knows_its_body(void **state)
{
    static const struct {
        const char *fields;
        size_t length;
        const char *type;
    } cases[] = {
        { "", 0, "" },
        { "Content-Length: 12\r\n", 12, "" },
        { "Transfer-Encoding: chunked\r\n", SEED_UNLIMITED, "" },
        { "Content-Type: text/plain\r\n", 0, "text/plain" },
        { "Content-Type: Application/JSON ; charset=utf-8\r\n", 0,
            "application/json" },
        { "content-type:\r\n", 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct open open;
        char text[256];

        snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n",
            cases[i].fields);
        begin(&open, true, text);
        assert_int_equal(cases[i].length, seed_req_content_length(open.req));
        assert_string_equal(cases[i].type, seed_req_content_type(open.req));
        assert_string_equal(cases[i].type, seed_req_content_type(open.req));
        end(&open);
    }
}

/* --- rewriting ------------------------------------------------------------ */

static void rewrites_in_pre(void **state)
{
    struct open open;
    char url[] = "/u/7/x?new=1";

    (void)state;
    begin(&open, true,
        "GET http://b.example/old?q=%41&q=2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_string_equal("/old", seed_req_path(open.req));
    assert_string_equal("q=%41&q=2", seed_req_query_string(open.req));
    assert_string_equal("A", seed_req_query(open.req, "q"));

    assert_int_equal(SEED_EINVAL, seed_req_rewrite(open.req, ""));
    assert_int_equal(SEED_EINVAL, seed_req_rewrite(open.req, "no/slash"));
    assert_int_equal(SEED_EINVAL, seed_req_rewrite(open.req, "/a b"));
    assert_int_equal(SEED_EINVAL, seed_req_rewrite(open.req, "/a\r\nb"));
    assert_int_equal(SEED_EINVAL, seed_req_rewrite(open.req, "*"));
    assert_string_equal("/old", seed_req_path(open.req));

    assert_int_equal(0, seed_req_rewrite(open.req, url));
    memset(url, '!', sizeof url - 1);
    assert_string_equal("/u/7/x?new=1", seed_req_url(open.req));
    assert_string_equal("/u/7/x", seed_req_path(open.req));
    assert_string_equal("new=1", seed_req_query_string(open.req));
    assert_string_equal("1", seed_req_query(open.req, "new"));
    assert_null(seed_req_query(open.req, "q"));

    /* What was sent stays what was sent, and so does the authority. */
    assert_string_equal("http://b.example/old?q=%41&q=2",
        seed_req_target(open.req));
    assert_string_equal("b.example", seed_req_host(open.req));

    seed_resume(open.req, SEED_NEXT); /* to the route, which waits */
    assert_string_equal("7", seed_req_param(open.req, "id"));
    assert_string_equal("x", seed_req_param(open.req, "*"));
    assert_int_equal(SEED_ESTATE, seed_req_rewrite(open.req, "/late"));
    end(&open);
}

static void finds_params(void **state)
{
    struct open open;

    (void)state;
    begin(&open, false,
        "GET /u/J%C3%B6rg%2F1/a%20b/c HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_string_equal("J\xc3\xb6rg/1", seed_req_param(open.req, "id"));
    assert_string_equal("a b/c", seed_req_param(open.req, "*"));
    assert_null(seed_req_param(open.req, "i"));
    assert_null(seed_req_param(open.req, "ID"));
    assert_string_equal("/u/:id/*", seed_req_route(open.req)->pattern);
    end(&open);

    begin(&open, true, "GET /u/1/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(seed_req_route(open.req));
    assert_null(seed_req_param(open.req, "id"));
    end(&open);
}

static void finds_queries(void **state)
{
    struct open open;
    const seed_pairs *pairs;
    const seed_pair *pair;

    (void)state;
    begin(&open, true,
        "GET /?a=1&b=%00x&a=2+3&c&=d&a= HTTP/1.1\r\nHost: a\r\n\r\n");
    pairs = seed_req_query_pairs(open.req);
    assert_ptr_equal(pairs, seed_req_query_pairs(open.req));
    assert_int_equal(6, pairs->count);
    assert_string_equal("1", seed_req_query(open.req, "a"));
    assert_string_equal("", seed_req_query(open.req, "c"));
    assert_string_equal("d", seed_req_query(open.req, ""));
    assert_null(seed_req_query(open.req, "none"));

    pair = seed_pairs_find(pairs, "a", NULL);
    pair = seed_pairs_find(pairs, "a", pair);
    assert_string_equal("2 3", pair->value);
    pair = seed_pairs_find(pairs, "a", pair);
    assert_string_equal("", pair->value);
    assert_null(seed_pairs_find(pairs, "a", pair));
    assert_null(seed_pairs_find(pairs, NULL, NULL));
    assert_null(seed_pairs_find(NULL, "a", NULL));
    assert_null(seed_pairs_find(NULL, "a", pair));
    pair = seed_pairs_find(pairs, "b", NULL);
    assert_int_equal(2, pair->value_length);
    assert_memory_equal("\0x", pair->value, 3);

    assert_int_equal(2, seed_parse_pairs(open.req, "x=1&y=2", 7, 2)->count);
    assert_null(seed_parse_pairs(open.req, "x=1&y=2", 7, 1));
    end(&open);

    begin(&open, true, "GET /?a=1&b=%zz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(seed_req_query_pairs(open.req));
    assert_null(seed_req_query(open.req, "a"));
    end(&open);

    begin(&open, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(seed_req_query(open.req, "a"));
    assert_int_equal(0, seed_req_query_pairs(open.req)->count);
    end(&open);
}

/* --- who, when, memory ---------------------------------------------------- */

static void knows_who_and_when(void **state)
{
    uint64_t before = seed__now();
    struct open open;

    (void)state;
    begin(&open, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(seed_req_begun(open.req) >= before);
    assert_true(seed_req_begun(open.req) <= seed__now());
    assert_ptr_equal(open.life.plan.server, seed_req_server(open.req));
    assert_ptr_equal(open.life.flow.worker, seed_req_worker(open.req));
    assert_string_equal("192.0.2.7:4711", seed_req_peer(open.req));
    assert_ptr_equal(seed_req_peer(open.req), seed_req_peer(open.req));
    assert_int_equal(42, seed_req_socket_wait(open.req));
    assert_true(seed_req_number(open.req) > 0);
    assert_ptr_equal(open.req, seed_res_req(seed_req_res(open.req)));
    end(&open);
}

static void keeps_slots_and_memory(void **state)
{
    static char key, other;
    struct open open;
    int value;
    char *text, *large;

    (void)state;
    begin(&open, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(seed_req_slot(open.req, &key));
    assert_int_equal(0, seed_req_set(open.req, &key, &value));
    assert_ptr_equal(&value, seed_req_slot(open.req, &key));
    assert_null(seed_req_slot(open.req, &other));
    assert_int_equal(0, seed_req_set(open.req, &key, &other));
    assert_ptr_equal(&other, seed_req_slot(open.req, &key));
    assert_int_equal(0, seed_req_set(open.req, &key, NULL));
    assert_null(seed_req_slot(open.req, &key));

    text = seed_req_printf(open.req, "%s-%d", "a", 7);
    assert_string_equal("a-7", text);
    for (size_t size = 1; size < 100000; size *= 3) {
        large = seed_req_alloc(open.req, size);
        assert_int_equal(0, (uintptr_t)large % _Alignof(max_align_t));
        memset(large, 1, size);
    }
    assert_string_equal("a-7", text);
    assert_null(seed_req_alloc(open.req, SIZE_MAX));
    end(&open);
}

static void count_up(void *ctx)
{
    ++*(int *)ctx;
}

/* What cannot be kept is cleaned up at once. */
static void cleans_up_without_memory(void **state)
{
    static char key;
    struct open open;
    struct arena *arena;
    int count = 0;

    (void)state;
    begin(&open, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(0, seed_req_cleanup(open.req, count_up, &count));
    arena = &open.req->arena;
    seed__arena_bytes(arena, (size_t)(arena->end - arena->at));
    atomic_store(&life_memory.fail_in, 1);
    atomic_store(&life_memory.fail_all, true);
    assert_int_equal(SEED_ENOMEM, seed_req_cleanup(open.req, count_up,
        &count));
    assert_int_equal(1, count);
    assert_int_equal(SEED_ENOMEM, seed_req_set(open.req, &key, &key));
    assert_null(seed_req_alloc(open.req, 1));
    assert_null(seed_req_printf(open.req, "x"));
    assert_int_equal(SEED_ENOMEM, seed_req_rewrite(open.req, "/x"));
    assert_string_equal("", seed_req_content_type(open.req));
    atomic_store(&life_memory.fail_in, 0);
    atomic_store(&life_memory.fail_all, false);
    end(&open);
    assert_int_equal(2, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_targets_apart),
        cmocka_unit_test(knows_versions),
        cmocka_unit_test(finds_fields),
        cmocka_unit_test(knows_its_body),
        cmocka_unit_test(rewrites_in_pre),
        cmocka_unit_test(finds_params),
        cmocka_unit_test(finds_queries),
        cmocka_unit_test(knows_who_and_when),
        cmocka_unit_test(keeps_slots_and_memory),
        cmocka_unit_test(cleans_up_without_memory),
    };

    return cmocka_run_group_tests_name("flow/req", tests, life_count_memory,
        NULL);
}
