/* SPDX-License-Identifier: MIT */
#include "unit/server/watched.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_what_is_asked_for),
        cmocka_unit_test(says_what_cannot_be),
        cmocka_unit_test(adds_to_what_is_there),
        cmocka_unit_test(survives_without_memory),
    };

    watched_name();
    return failing_install() ? 1
        : cmocka_run_group_tests_name("server/watchers_start", tests, NULL,
            remove_log);
}
