/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

#include <jansson.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"

static const char borrowed[] = "borrowed";

/* How each of them is sent: by its letter. */
static seed_step send_it(seed_res *res, int status, char how)
{
    char copied[] = "copied";

    switch (how) {
    case 'n':
        return seed_send(res, status);
    case 't':
        return seed_send_text(res, status, copied);
    case '0':
        return seed_send_text(res, status, NULL);
    case 'b':
        return seed_send_bytes(res, status, copied, 6);
    case 'B':
        return seed_send_bytes(res, status, "a\0b", 3);
    case 's':
        return seed_send_static(res, status, borrowed, 8);
    case 'e':
        return seed_send_static(res, status, "", 0);
    default:
        return seed_send_json(res, status, json_pack("{s:i}", "a", 1));
    }
}

static seed_step send_as(seed_req *req, seed_res *res, void *ctx)
{
    const char *how = ctx;

    (void)req;
    if (how[1] == 'T')
        seed_res_set(res, "content-type", "text/mine");
    switch (how[1]) {
    case '2':
        return send_it(res, 204, *how);
    case '3':
        return send_it(res, 304, *how);
    case '5':
        return send_it(res, 205, *how);
    default:
        return send_it(res, 200, *how);
    }
}

static void sends(void **state)
{
    static const struct {
        const char *how, *request;
        const char *type, *length, *body;
    } cases[] = {
        { "n", GET, NULL, "0", "" },
        { "t", GET, "Content-Type: text/plain; charset=utf-8", "6",
            "copied" },
        { "0", GET, "Content-Type: text/plain; charset=utf-8", "0", "" },
        { "b", GET, NULL, "6", "copied" },
        { "s", GET, NULL, "8", "borrowed" },
        { "e", GET, NULL, "0", "" },
        { "j", GET, "Content-Type: application/json", "7", "{\"a\":1}" },
        /* the application's own type stays */
        { "tT", GET, "content-type: text/mine", "6", "copied" },
        { "jT", GET, "content-type: text/mine", "7", "{\"a\":1}" },
        /* HEAD has the length and no body */
        { "n", HEAD, NULL, "0", "" },
        { "t", HEAD, "Content-Type: text/plain; charset=utf-8", "6", "" },
        { "s", HEAD, NULL, "8", "" },
        { "j", HEAD, "Content-Type: application/json", "7", "" },
        /* 204 and 304 have neither */
        { "t2", GET, "Content-Type: text/plain; charset=utf-8", NULL, "" },
        { "s3", GET, NULL, NULL, "" },
        { "j2", HEAD, "Content-Type: application/json", NULL, "" },
        /* 205 says that there is none (RFC 9110 15.3.6) */
        { "n5", GET, NULL, "0", "" },
        { "s5", GET, NULL, "0", "" },
        { "s5", HEAD, NULL, "0", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        char how[3] = "", line[64];

        strcpy(how, cases[i].how);
        life_open(&life, "");
        life_route(&life, "GET", "/", send_as, how);
        life_ask(&life, &client, cases[i].request);
        if (cases[i].type) {
            snprintf(line, sizeof line, "\r\n%s\r\n", cases[i].type);
            assert_has(client.answer, line);
        } else {
            assert_lacks(client.answer, "ontent-T");
        }
        snprintf(line, sizeof line, "\r\nContent-Length: %s\r\n",
            cases[i].length ? cases[i].length : "");
        if (cases[i].length)
            assert_has(client.answer, line);
        else
            assert_lacks(client.answer, "Content-Length");
        assert_string_equal(cases[i].body, life_body(&client));
        assert_int_equal(SINK_KEEP, client.how);
        assert_has(client.answer, "\r\nDate: ");
        life_close(&life);
        life_forget(&client);
    }
}

static void sends_bytes_with_nul(void **state)
{
    static char how[] = "B";
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", send_as, how);
    life_ask(&life, &client, GET);
    assert_memory_equal("a\0b", life_body(&client), 4);
    life_close(&life);
    life_forget(&client);
}

/* --- status, version, connection ------------------------------------------ */

static int status;

static seed_step send_status(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send(res, status);
}

static void sends_valid_statuses_only(void **state)
{
    static const struct {
        int status, sent;
    } cases[] = {
        { 200, 200 }, { 299, 299 }, { 404, 404 }, { 599, 599 }, { 199, 500 },
        { 100, 500 }, { 600, 500 }, { 0, 500 }, { -1, 500 }, { 1200, 500 },
    };
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", send_status, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        status = cases[i].status;
        life_ask(&life, &client, GET);
        assert_int_equal(cases[i].sent, life_status(&client));
        assert_int_equal(cases[i].sent, life.status);
    }
    life_close(&life);
    life_forget(&client);
}

static void keeps_or_closes(void **state)
{
    static const struct {
        const char *request, *field;
        bool stopping, closes, last;
    } cases[] = {
        { GET, NULL, false, false, false },
        { GET, "\r\nConnection: close\r\n", true, true, false },
        { GET, "\r\nConnection: close\r\n", false, true, true },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "\r\nConnection: close\r\n", false, true, false },
        { "GET / HTTP/1.0\r\n\r\n", "\r\nConnection: close\r\n", false,
            true, false },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "\r\nConnection: keep-alive\r\n", false, false, false },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "\r\nConnection: close\r\n", true, true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, "get=a/t");
        life_start(&life);
        life.flow.stopping = cases[i].stopping;
        client.sink.last = cases[i].last;
        life_ask(&life, &client, cases[i].request);
        if (cases[i].field)
            assert_has(client.answer, cases[i].field);
        else
            assert_lacks(client.answer, "Connection");
        assert_int_equal(cases[i].closes ? SINK_CLOSE : SINK_KEEP,
            client.how);
        life_close(&life);
        life_forget(&client);
    }
}

/* --- twice ---------------------------------------------------------------- */

static seed_step send_twice(seed_req *req, seed_res *res, void *ctx)
{
    const char *how = ctx;

    (void)req;
    send_it(res, 200, how[0]);
    return send_it(res, 201, how[1]);
}

static void sends_once(void **state)
{
    static const char letters[] = "nt0bsej";

    (void)state;
    for (size_t i = 0; i < 49; i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        char how[3] = { letters[i / 7], letters[i % 7], '\0' };

        life_open(&life, "");
        life_route(&life, "GET", "/", send_twice, how);
        life_ask(&life, &client, GET);
        assert_int_equal(200, life_status(&client));
        assert_lacks(client.answer, "HTTP/1.1 201");
        assert_int_equal(1, life.warned);
        assert_has(life.warnings, "for GET / in send_twice was not sent: the "
            "request has its answer already");
        life_close(&life);
        life_forget(&client);
    }
}

/* --- JSON values ---------------------------------------------------------- */

static json_t *value;

static seed_step send_value(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    if (ctx)
        seed_send_text(res, 200, "first");
    return seed_send_json(res, 200, value);
}

static void look_at_value(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(2, value->refcount);
    assert_ptr_equal(value, seed_res_json(event->res));
}

/* One reference is taken, whatever happens, and held until the last after. */
static void takes_values(void **state)
{
    static char twice[] = "twice";

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        value = json_pack("{s:[i,s]}", "key", 1, "two");
        json_incref(value);
        life_open(&life, "");
        life_route(&life, "GET", "/", send_value, i == 1 ? twice : NULL);
        if (i == 0)
            life_on(&life, SEED_ON_AFTER, look_at_value, NULL);
        if (i == 2) {
            life_begin(&life, &client, GET);
            life_gone(&client);
        } else {
            life_ask(&life, &client, GET);
        }
        assert_int_equal(1, value->refcount);
        if (i == 0)
            assert_string_equal("{\"key\":[1,\"two\"]}", life_body(&client));
        life_close(&life);
        life_forget(&client);
        json_decref(value);
    }
}

static void fails_on_what_is_no_value(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    value = NULL;
    life_open(&life, "");
    life_route(&life, "GET", "/", send_value, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(500, life_status(&client));
    assert_has(life_body(&client), "the value cannot be written as JSON");
    life_close(&life);
    life_forget(&client);
}

/* --- files ---------------------------------------------------------------- */

static char folder[] = "/tmp/seed-send-XXXXXX";
static char path[128];

static int make_files(void **state)
{
    FILE *file;

    assert_int_equal(0, life_count_memory(state));
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("content of a file", file);
    fclose(file);
    snprintf(path, sizeof path, "%s/empty", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(0, mkfifo(path, 0600));
    return 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = { "/file", "/empty", "/fifo", "" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

static seed_step send_file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    snprintf(path, sizeof path, "%s/%s", folder, (const char *)ctx);
    return seed_send_file(res, 200, path);
}

static seed_step send_no_file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_file(res, 200, NULL);
}

static void needs_a_path(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", send_no_file, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(500, life_status(&client));
    life_close(&life);
    life_forget(&client);
}

static int open_files(void)
{
    int count = 0;

    for (int fd = 0; fd < 100; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void sends_files(void **state)
{
    static const struct {
        const char *name, *request;
        int status;
        const char *length, *body, *cause;
    } cases[] = {
        { "file", GET, 200, "\r\nContent-Length: 17\r\n",
            "content of a file", NULL },
        { "file", HEAD, 200, "\r\nContent-Length: 17\r\n", "", NULL },
        { "empty", GET, 200, "\r\nContent-Length: 0\r\n", "", NULL },
        { "none", GET, 404, NULL, "{\"code\":\"ResourceNotFound\","
            "\"message\":\"/ does not exist\"}", "No such file" },
        { "none", HEAD, 404, NULL, "", "No such file" },
        { "", GET, 404, NULL, NULL, "Is a directory" },
        { "fifo", GET, 404, NULL, NULL, "Is a directory" },
        { "file/below", GET, 404, NULL, NULL, "Not a directory" },
    };
    int before = open_files();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        char name[16];

        strcpy(name, cases[i].name);
        life_open(&life, "");
        life_route(&life, "GET", "/", send_file, name);
        life_ask(&life, &client, cases[i].request);
        assert_int_equal(cases[i].status, life_status(&client));
        if (cases[i].length)
            assert_has(client.answer, cases[i].length);
        if (cases[i].body)
            assert_string_equal(cases[i].body, life_body(&client));
        if (cases[i].cause) {
            assert_has(life.cause, cases[i].cause);
            assert_has(life.cause, folder);
            assert_lacks(client.answer, cases[i].cause);
            assert_lacks(client.answer, folder);
        }
        assert_int_equal(before, open_files());
        life_close(&life);
        life_forget(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends),
        cmocka_unit_test(sends_bytes_with_nul),
        cmocka_unit_test(sends_valid_statuses_only),
        cmocka_unit_test(keeps_or_closes),
        cmocka_unit_test(sends_once),
        cmocka_unit_test(takes_values),
        cmocka_unit_test(fails_on_what_is_no_value),
        cmocka_unit_test(sends_files),
        cmocka_unit_test(needs_a_path),
    };

    return cmocka_run_group_tests_name("flow/send", tests, make_files,
        remove_files);
}
