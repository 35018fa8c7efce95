/* SPDX-License-Identifier: MIT */
#include "unit/server/watched.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_requests),
        cmocka_unit_test(ends_while_it_is_asked),
    };

    watched_name();
    return failing_install() ? 1
        : cmocka_run_group_tests_name("server/watchers", tests, NULL,
            remove_log);
}
