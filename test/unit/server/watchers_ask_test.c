/* SPDX-License-Identifier: MIT */
#include "unit/server/watched.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_the_environment),
        cmocka_unit_test(lets_the_program_speak_first),
        cmocka_unit_test(is_asked_by_seed_run_alone),
    };

    watched_name();
    return failing_install() ? 1
        : cmocka_run_group_tests_name("server/watchers_ask", tests, NULL,
            remove_log);
}
