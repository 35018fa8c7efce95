/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

#include <unistd.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"

static void ask_often(struct life *life, const char *request, unsigned times)
{
    struct client client = { 0 };

    for (unsigned i = 0; i < times; i++) {
        life->log[0] = '\0';
        life_begin(life, &client, request);
        life_run(life);
    }
    life_forget(&client);
}

static size_t use;

static seed_step use_memory(seed_req *req, seed_res *res, void *ctx)
{
    char *memory = seed_req_alloc(req, use);

    (void)ctx;
    assert_non_null(memory);
    memset(memory, 1, use);
    return seed_send_text(res, 200, "hi");
}

/* In its stride a server allocates nothing, whatever its requests need. */
static void allocates_nothing_in_its_stride(void **state)
{
    static const size_t sizes[] = { 10, 3000, 9000, 30000, 60000 };
    struct life life = { 0 };
    long calls;

    (void)state;
    life_open(&life, "pre=p/n use=u/n use=v/n post=a/b post=b/c");
    life_route(&life, "GET", "/", use_memory, NULL);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        use = sizes[i];
        ask_often(&life, GET, 2048);
        calls = atomic_load(&life_memory.calls);
        ask_often(&life, GET, 100);
        ask_often(&life, POST, 100);
        assert_int_equal(calls, atomic_load(&life_memory.calls));
    }
    life_close(&life);
}

/* Requests in flight together need blocks, and few of them are kept. */
static void keeps_few_blocks(void **state)
{
    enum { MANY = 600 };
    static struct client clients[MANY];
    struct life life = { 0 };

    (void)state;
    life_open(&life, "get=a/t");
    for (int i = 0; i < MANY; i++) {
        clients[i].slow = true;
        life_begin(&life, &clients[i], GET);
    }
    for (int i = 0; i < MANY; i++)
        life_flush(&clients[i]);
    assert_true(life.flow.spare_count < MANY);
    assert_int_equal(MANY, life.afters);
    life_close(&life);
    for (int i = 0; i < MANY; i++)
        life_forget(&clients[i]);
}

static void numbers_requests(void **state)
{
    struct life life = { 0 }, more = { 0 };
    struct client client = { 0 };
    uint64_t last = 0, number;

    (void)state;
    life_open(&life, "get=a/w");
    for (int i = 0; i < 3000; i++) {
        number = seed_req_number(life_begin(&life, &client, GET));
        assert_true(number > last);
        last = number;
        life_gone(&client);
        life_drive(&life);
        life.log[0] = '\0';
    }
    life_open(&more, "get=a/w");
    assert_true(seed_req_number(life_begin(&more, &client, GET)) > last);
    life_gone(&client);
    life_drive(&more);
    life_close(&more);
    life_close(&life);
    life_forget(&client);
}

/* --- cleanups ------------------------------------------------------------- */

static char order[16];

static void add_letter(void *ctx)
{
    strcat(order, ctx);
}

static void mark_after(const seed_event *event, void *ctx)
{
    (void)event;
    add_letter(ctx);
}

static seed_step add_cleanup(seed_req *req, seed_res *res, void *ctx)
{
    assert_int_equal(0, seed_req_cleanup(req, add_letter, ctx));
    return res ? SEED_NEXT : SEED_STOP;
}

static void cleans_up_behind_after(void **state)
{
    static char one[] = "1", two[] = "2", after[] = "A";
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_pre(&life, add_cleanup, one);
    life_pre(&life, add_cleanup, two);
    life_on(&life, SEED_ON_AFTER, mark_after, after);
    life_script(&life, "get=a/t post=a/w");

    order[0] = '\0';
    life_ask(&life, &client, GET);
    assert_string_equal("A21", order);

    /* Held by a handler: when that lets go. */
    order[0] = '\0';
    life_begin(&life, &client, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_gone(&client);
    assert_string_equal("A", order);
    life_drive(&life);
    assert_string_equal("A21", order);

    /* And when the server is gone as well. */
    order[0] = '\0';
    life_begin(&life, &client, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_close_box(&life);
    life_clear_flow(&life);
    assert_string_equal("A", order);
    seed_resume(life.waits[0].req, SEED_STOP);
    assert_string_equal("A21", order);
    life_close(&life);
    life_forget(&client);
}

/* --- memory runs out ------------------------------------------------------ */

static seed_step use_much(seed_req *req, seed_res *res, void *ctx)
{
    char *text;

    (void)ctx;
    for (int i = 0; i < 3; i++) {
        char *memory = seed_req_alloc(req, 5000);

        if (!memory)
            return seed_fail(res, 503, "no room %d", i);
        memset(memory, 'x', 5000);
        memory[4999] = '\0';
        if (seed_res_append(res, "X-Much", memory))
            return seed_fail(res, 503, "no room for a field");
    }
    text = seed_req_printf(req, "%5000d", 1);
    if (!text)
        return seed_fail(res, 503, "no room for text");
    return seed_send_text(res, 200, text);
}

static seed_step stream_much(seed_req *req, seed_res *res, void *ctx)
{
    int err;

    (void)req;
    (void)ctx;
    use_much(req, res, NULL);
    if (seed_res_sent(res))
        return SEED_STOP;
    err = seed_stream_open(res, 200, SEED_UNLIMITED);
    if (err)
        return seed_fail(res, 503, "%s", seed_strerror(err));
    seed_stream_write(res, "x", 1);
    return seed_stream_end(res);
}

static seed_step fill_up(seed_req *req, seed_res *res, void *ctx)
{
    struct arena *arena = &req->arena;

    (void)res;
    (void)ctx;
    seed__arena_bytes(arena, (size_t)(arena->end - arena->at));
    return SEED_NEXT;
}

static seed_step send_file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_file(res, 200, ctx);
}

static seed_step go_there(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_redirect(res, 302, "/there");
}

/* Each of them with the n-th allocation failing, alone or with all behind it:
 * an answer or an end comes, `after` once, and no memory is lost. */
static const struct {
    const char *what, *script, *request;
    seed_handler *handler;
} scenarios[] = {
    { "text", "get=a/t", GET, NULL },
    { "wait", "pre=p/w get=a/w get=b/t", GET, NULL },
    { "fail", "get=a/f err=g/n err.Own=o/n", GET, NULL },
    { "silence", "get=a/n", GET, NULL },
    { "404", "get=a/t", "GET /no HTTP/1.1\r\nHost: a\r\n\r\n", NULL },
    { "405", "put=a/t", GET, NULL },
    { "options", "put=a/t", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", NULL },
    { "head", "put=a/t", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", NULL },
    { "body", "post=a/b post=b/c", POST, NULL },
    { "chunks", "post=a/b post=b/c", "POST / HTTP/1.1\r\nHost: a\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
        NULL },
    { "no chunk", "post=a/b post=b/c", "POST / HTTP/1.1\r\nHost: a\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NULL },
    { "no body", "pre=p/b get=b/c", GET, NULL },
    { "streamed", "post=a/o post=b/t", POST, NULL },
    { "stream", "get=a/d", GET, NULL },
    { "much", "", GET, use_much },
    { "much streamed", "", GET, stream_much },
    { "file", "", GET, send_file },
    { "redirect", "", GET, go_there },
    { "param", "", "GET /u/J%C3%B6rg HTTP/1.1\r\nHost: a\r\n\r\n", NULL },
};

static void run_scenario(size_t i, long n, bool all, bool full)
{
    static char path[] = "/proc/self/exe";
    struct life life = { 0 };
    struct client client = { 0 };

    life_open(&life, "");
    if (full)
        life_pre(&life, fill_up, NULL);
    life_script(&life, scenarios[i].script);
    life_route(&life, "GET", "/u/:id", go_there, NULL);
    if (scenarios[i].handler)
        life_route(&life, "GET", "/", scenarios[i].handler, path);
    life_start(&life);

    atomic_store(&life_memory.fail_in, n);
    atomic_store(&life_memory.fail_all, all);
    life_begin(&life, &client, scenarios[i].request);
    life_drive(&life);
    atomic_store(&life_memory.fail_in, 0);
    atomic_store(&life_memory.fail_all, false);

    if (!client.ended)
        print_error("%s hangs at %ld\n", scenarios[i].what, n);
    assert_true(client.ended);
    if (client.how != SINK_ABORT)
        assert_true(life_status(&client) >= 200);
    assert_int_equal(life.flow.begun, life.afters);
    life_close(&life);
    life_forget(&client);
}

static void survives_without_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenarios); i++)
        for (int how = 0; how < 4; how++)
            for (long n = 1; n <= 12; n++)
                run_scenario(i, n, how & 1, how & 2);
}

static void has_no_memory_to_begin(void **state)
{
    struct life life;
    struct client client = { 0 };
    char text[5100];

    (void)state;
    /* A block for the request, or one more for its long head. */
    snprintf(text, sizeof text, "GET /%05000d HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    for (long n = 1; n <= 2; n++) {
        memset(&life, 0, sizeof life);
        life_open(&life, "get=a/t");
        life_start(&life);
        atomic_store(&life_memory.fail_in, n);
        assert_null(life_begin(&life, &client, text));
        atomic_store(&life_memory.fail_in, 0);
        assert_int_equal(503, life_status(&client));
        assert_int_equal(SINK_CLOSE, client.how);
        assert_string_equal("BAD", life.log);
        assert_has(life_body(&client), "out of memory");
        assert_int_equal(0, life.flow.begun);
        life_close(&life);
    }
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocates_nothing_in_its_stride),
        cmocka_unit_test(keeps_few_blocks),
        cmocka_unit_test(numbers_requests),
        cmocka_unit_test(cleans_up_behind_after),
        cmocka_unit_test(survives_without_memory),
        cmocka_unit_test(has_no_memory_to_begin),
    };

    return cmocka_run_group_tests_name("flow/life", tests, life_count_memory,
        NULL);
}
