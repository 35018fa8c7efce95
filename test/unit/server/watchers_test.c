/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static void hear(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .no_signals = true, .warn = hear });

    seed_get(server, "/hello", hello, NULL);
    unlink(path);
    return server;
}

/* Which watchers there are: l(og), m(etrics), e (ledger), g (lag), s(tall),
 * a(dmin). */
static const char *letters(const seed_server *server)
{
    static char text[8];
    struct seed_watchers have = seed_watchers(server);
    size_t length = 0;

    memset(text, 0, sizeof text);
    if (have.log)
        text[length++] = 'l';
    if (have.metrics)
        text[length++] = 'm';
    if (have.ledger)
        text[length++] = 'e';
    if (have.lag)
        text[length++] = 'g';
    if (have.stall)
        text[length++] = 's';
    if (have.admin)
        text[length++] = 'a';
    return text;
}

static const struct {
    struct seed_watch watch;
    const char *letters;
} asked[] = {
    { { 0 }, "" },
    { { .log = path }, "l" },
    { { .metrics = true }, "m" },
    { { .ledger = true }, "e" },
    { { .lag = true }, "g" },
    { { .stall = 42 }, "s" },
    { { .admin = "localhost:0" }, "mega" },
    { { .token = "unused", .log_level = 20 }, "" },
    { { .log = path, .stall = 10, .admin = "0", .token = "x" }, "lmegsa" },
};

static void starts_what_is_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        seed_server *server = make_server();

        assert_int_equal(0, seed_watch(server, &asked[i].watch));
        assert_string_equal(asked[i].letters, letters(server));
        seed_server_free(server);
    }
    assert_int_equal(0, failing.live);
}

static const struct {
    struct seed_watch watch;
    int error;
    const char *words;
} refused[] = {
    { { .log = "/nowhere/at/all" }, SEED_ESYSTEM, "/nowhere/at/all cannot be "
        "opened: No such file" },
    { { .stall = 9 }, SEED_EINVAL, "say at least 10" },
    { { .admin = "*:0" }, SEED_EINVAL, "give it a token" },
};

static void says_what_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        seed_server *server = make_server();

        assert_int_equal(refused[i].error,
            seed_watch(server, &refused[i].watch));
        assert_non_null(strstr(seed_server_error(server), refused[i].words));
        assert_int_equal(refused[i].error, seed_listen(server, "localhost", 0));
        assert_int_equal(refused[i].error,
            seed_watch(server, &asked[0].watch));
        seed_server_free(server);
    }
    assert_int_equal(SEED_ENOMEM, seed_watch(NULL, &asked[0].watch));
    assert_string_equal("", letters(NULL));
}

static char *metrics_of(seed_server *server)
{
    return seed_metrics_text(seed_watchers(server).metrics, false, NULL);
}

/* Step by step: what is there stays, and metrics learn of all. */
static void adds_to_what_is_there(void **state)
{
    seed_server *server = make_server();
    struct seed_watchers first;
    char *text;

    (void)state;
    assert_int_equal(0, seed_watch(server, &(struct seed_watch){
        .lag = true, .ledger = true }));
    first = seed_watchers(server);
    assert_int_equal(0, seed_watch(server, &(struct seed_watch){
        .lag = true, .metrics = true }));
    assert_int_equal(0, seed_watch(server, &(struct seed_watch){
        .stall = 42, .metrics = true, .log = path }));
    assert_string_equal("lmegs", letters(server));
    assert_ptr_equal(first.lag, seed_watchers(server).lag);
    text = metrics_of(server);
    assert_non_null(strstr(text, "# TYPE seed_loop_"));
    assert_non_null(strstr(text, "# TYPE seed_stalls_total "));
    assert_non_null(strstr(text, "# TYPE seed_log_"));
    assert_non_null(strstr(text, "# TYPE seed_handler_"));
    seed_release(text);
    seed_server_free(server);
}

/* --- the environment ------------------------------------------------------ */

static const char *const names[] = { "SEED_LOG", "SEED_LOG_LEVEL",
    "SEED_ADMIN", "SEED_ADMIN_TOKEN", "SEED_STALL" };

enum { NAMES = sizeof names / sizeof *names };

static void set_environment(const char *const values[NAMES])
{
    for (size_t i = 0; i < NAMES; i++) {
        if (values[i])
            setenv(names[i], values[i], 1);
        else
            unsetenv(names[i]);
    }
}

static const struct {
    const char *values[NAMES];
    const char *letters, *words; /* a setup error */
} environments[] = {
    { { NULL }, "", NULL },
    { { "", "", "", "", "" }, "", NULL },
    { { path, "warn" }, "l", NULL },
    { { NULL, "35" }, "", NULL },
    { { NULL, NULL, "localhost:0", "token" }, "mega", NULL },
    { { NULL, NULL, NULL, NULL, "42" }, "s", NULL },
    { { "/nowhere/log" }, "l", "The log /nowhere/log cannot be opened" },
    { { path, "loud" }, "", "SEED_LOG_LEVEL is \"loud\"" },
    { { NULL, NULL, "nowhere" }, "", "cannot be at \"nowhere\"" },
    { { NULL, NULL, NULL, NULL, "5" }, "", "say at least 10" },
    { { NULL, NULL, NULL, NULL, "soon" }, "", "SEED_STALL is \"soon\"" },
    { { NULL, NULL, NULL, NULL, "42ms" }, "", "SEED_STALL is \"42ms\"" },
    { { NULL, NULL, NULL, NULL, "-42" }, "", "SEED_STALL is \"-42\"" },
};

static void asks_the_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
        seed_server *server = make_server();
        struct served served;

        set_environment(environments[i].values);
        assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
        if (environments[i].words) {
            assert_int_not_equal(0, seed_run(server));
            assert_non_null(strstr(seed_server_error(server),
                environments[i].words));
        } else {
            serve(&served, server);
            assert_string_equal("hello",
                get(seed_server_port(server), "/hello"));
            assert_string_equal(environments[i].letters, letters(server));
            assert_int_equal(0, serve_stop(&served));
        }
        seed_server_free(server);
    }
    set_environment(environments[0].values);
}

/* The program's word goes first; its log's level is the operator's. */
static void lets_the_program_speak_first(void **state)
{
    static const char *const values[NAMES] = { "/nowhere/log", "debug",
        "nowhere", NULL, "5" };
    seed_server *server = make_server();
    struct served served;

    (void)state;
    assert_int_equal(0, seed_watch(server, &(struct seed_watch){
        .log = path, .admin = "localhost:0", .stall = 50 }));
    set_environment(values);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    assert_false(seed_log_on(seed_watchers(server).log, SEED_LOG_DEBUG));
    serve(&served, server);
    assert_true(seed_log_on(seed_watchers(server).log, SEED_LOG_DEBUG));
    assert_int_equal(SEED_ESTATE, seed_watch(server, &asked[2].watch));
    set_environment(environments[0].values);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

/* Injected requests and servers on an application's loop ask nothing. */
static void is_asked_by_seed_run_alone(void **state)
{
    static const char *const values[NAMES] = { "/nowhere/log" };
    seed_server *server = make_server();
    seed_reply *reply;

    (void)state;
    set_environment(values);
    reply = seed_inject(server, &(struct seed_injection){ .url = "/hello" });
    assert_int_equal(200, seed_reply_status(reply));
    seed_reply_free(reply);
    assert_string_equal("", letters(server));
    set_environment(environments[0].values);
    seed_server_free(server);
}

static void logs_requests(void **state)
{
    seed_server *server = make_server();
    char line[4096] = "";
    FILE *file;

    (void)state;
    assert_int_equal(0, seed_watch(server, &asked[1].watch));
    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .url = "/hello" }));
    seed_warn(server, "beware");
    seed_server_free(server);

    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "\"msg\":\"request completed\""));
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "\"msg\":\"beware\""));
    fclose(file);
}

static _Atomic bool asking;

static void *ask_and_ask(void *ctx)
{
    const int port = *(int *)ctx;
    int fd;

    while (asking && (fd = dial(port)) >= 0)
        ask(fd, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: close\r\n\r\n", NULL);
    return NULL;
}

/* The admin listener reads what workers count until they are freed. */
static void ends_while_it_is_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        seed_server *server = make_server();
        struct served served;
        pthread_t asker;
        int port;

        assert_int_equal(0, seed_watch(server, &asked[6].watch));
        assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
        serve(&served, server);
        port = atoi(strrchr(seed_admin_url(seed_server_admin(server)), ':')
            + 1);
        asking = true;
        pthread_create(&asker, NULL, ask_and_ask, &port);
        sleep_ms(5);
        assert_int_equal(0, serve_stop(&served));
        seed_server_free(server);
        asking = false;
        pthread_join(asker, NULL);
    }
}

static void survives_without_memory(void **state)
{
    int err = SEED_ENOMEM;
    long before = failing.live;

    (void)state;
    for (long n = 0; err; n++) {
        seed_server *server = make_server();

        assert_true(n < 1000);
        failing.left = n;
        err = seed_watch(server, &asked[8].watch);
        failing.left = -1;
        assert_int_equal(err, seed_listen(server, "127.0.0.1", 0));
        seed_server_free(server);
        assert_int_equal(before, failing.live);
    }
}

static int remove_log(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_what_is_asked_for),
        cmocka_unit_test(says_what_cannot_be),
        cmocka_unit_test(adds_to_what_is_there),
        cmocka_unit_test(asks_the_environment),
        cmocka_unit_test(lets_the_program_speak_first),
        cmocka_unit_test(is_asked_by_seed_run_alone),
        cmocka_unit_test(logs_requests),
        cmocka_unit_test(ends_while_it_is_asked),
        cmocka_unit_test(survives_without_memory),
    };

    snprintf(path, sizeof path, "/tmp/seed-watchers-%ld", (long)getpid());
    return failing_install() ? 1
        : cmocka_run_group_tests_name("server/watchers", tests, NULL,
            remove_log);
}
