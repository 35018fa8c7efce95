/* SPDX-License-Identifier: MIT */
/* The whole room by its public setup, error number by error number: how each
 * is reached, and that it is said in a whole sentence. */
#include "unit/server/served.h"

#include <event2/event.h>
#include <event2/http.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static seed_server *with(const struct seed_options *options)
{
    seed_server *server = seed_server_new(options);

    seed_get(server, "/", handler, NULL);
    return server;
}

/* --- what setup returns and keeps ----------------------------------------- */

static int duplicate(seed_server **server)
{
    *server = with(NULL);
    seed_get(*server, "/", handler, NULL);
    return seed_listen(*server, "localhost", 0);
}

static int pattern(seed_server **server)
{
    *server = with(NULL);
    seed_get(*server, "/a/*/b", handler, NULL);
    return seed_run(*server);
}

static int host(seed_server **server)
{
    *server = with(NULL);
    return seed_listen(*server, "www.example.org", 80);
}

static int option(seed_server **server)
{
    *server = with(&(struct seed_options){ .workers = 257 });
    return seed_listen(*server, "localhost", 0);
}

static int head_option(seed_server **server)
{
    *server = with(&(struct seed_options){ .max_head = 65536 });
    return seed_run(*server);
}

static int name_option(seed_server **server)
{
    *server = with(&(struct seed_options){ .name = "a\r\nb" });
    return seed_run(*server);
}

static int no_hook(seed_server **server)
{
    *server = with(NULL);
    return seed_after(*server, NULL, NULL);
}

static int no_event(seed_server **server)
{
    *server = with(NULL);
    return seed_on_at(*server, SEED_ON_COUNT, (seed_hook *)(uintptr_t)server,
        NULL, "f", "app.c", 3);
}

static int no_tracer(seed_server **server)
{
    *server = with(NULL);
    return seed_trace(*server, NULL);
}

static int no_listener(seed_server **server)
{
    *server = with(NULL);
    return seed_run(*server);
}

static int too_late(seed_server **server)
{
    *server = with(NULL);
    seed_listen(*server, "127.0.0.1", 0);
    seed_post(*server, "/", handler, NULL);
    return seed_run(*server);
}

static int not_embedded(seed_server **server)
{
    *server = with(NULL);
    seed_listen(*server, "127.0.0.1", 0);
    return seed_start(*server);
}

static struct event_base *base; /* one for all cases below */

static int embedded(seed_server **server)
{
    *server = with(&(struct seed_options){ .base = base });
    seed_listen(*server, "127.0.0.1", 0);
    return seed_run(*server);
}

static int embedded_silent(seed_server **server)
{
    *server = with(&(struct seed_options){ .base = base });
    return seed_start(*server);
}

static int foreign_workers(seed_server **server)
{
    *server = with(&(struct seed_options){ .base = base, .workers = 2 });
    return seed_start(*server);
}

static int evhttp_workers(seed_server **server)
{
    *server = with(&(struct seed_options){ .base = base, .workers = 2,
        .evhttp = (struct evhttp *)(void *)base });
    return seed_start(*server);
}

static int evhttp_alone(seed_server **server)
{
    *server = with(&(struct seed_options){
        .evhttp = (struct evhttp *)(void *)base });
    return seed_start(*server);
}

static int no_folder(seed_server **server)
{
    *server = with(NULL);
    return seed_listen_unix(*server, "/no/such/folder/socket");
}

static int no_descriptor(seed_server **server)
{
    *server = with(NULL);
    return seed_listen_fd(*server, -1);
}

static int tracers(seed_server **server)
{
    int err = 0;

    *server = with(NULL);
    while (!err)
        err = seed_trace(*server, &(seed_tracer){ 0 });
    return err;
}

static const struct {
    int (*make)(seed_server **server);
    int error;
    const char *said; /* somewhere in the sentence */
} errors[] = {
    { duplicate, SEED_EDUP, "GET / (" },
    { pattern, SEED_EPATTERN, "GET /a/*/b (" },
    { host, SEED_EINVAL, "\"www.example.org\" is not an address" },
    { option, SEED_EINVAL, "options.workers is over 256" },
    { head_option, SEED_EINVAL, "options.max_head is over 65,535" },
    { name_option, SEED_EINVAL, "options.name" },
    { no_hook, SEED_EINVAL, "has no hook" },
    { no_event, SEED_EINVAL, "seed_on() (app.c:3) has no such event" },
    { no_tracer, SEED_EINVAL, "seed_trace() has no tracer" },
    { no_listener, SEED_ESTATE, "call seed_listen() before seed_run()" },
    { too_late, SEED_ESTATE, "comes after seed_listen()" },
    { not_embedded, SEED_ESTATE, "set options.base, or call seed_run()" },
    { embedded, SEED_ESTATE, "call seed_start(), and run that loop" },
    { embedded_silent, SEED_ESTATE, "call seed_listen() before seed_start()" },
    { foreign_workers, SEED_EUNSUPPORTED, "options.workers must be 1" },
    { evhttp_workers, SEED_EUNSUPPORTED, "options.workers must be 1" },
    { evhttp_alone, SEED_EUNSUPPORTED, "set options.base" },
    { no_folder, SEED_ELISTEN, "unix:/no/such/folder/socket cannot be" },
    { no_descriptor, SEED_EINVAL, "descriptor -1 cannot be listened on" },
    { tracers, SEED_EFULL, "at most 8 tracers" },
};

static void check_sentence(const char *sentence)
{
    size_t length = strlen(sentence);

    assert_in_range(length, 20, 700);
    assert_int_equal(sentence[length - 1], '.');
    assert_int_not_equal(sentence[length - 2], '.');
    assert_null(strchr(sentence, '\n'));
    assert_null(strstr(sentence, "(null)"));
}

static void setup_errors_stick_and_are_sentences(void **state)
{
    (void)state;
    base = event_base_new();
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        seed_server *server;
        char kept[1024];

        assert_int_equal(errors[i].make(&server), errors[i].error);
        assert_non_null(seed_server_error(server));
        snprintf(kept, sizeof kept, "%s", seed_server_error(server));
        if (!strstr(kept, errors[i].said))
            fail_msg("\"%s\" does not say \"%s\"", kept, errors[i].said);
        check_sentence(kept);

        /* Whatever comes later, the first one stays. */
        seed_get(server, "none", NULL, NULL);
        assert_int_equal(seed_after(server, NULL, NULL), errors[i].error);
        assert_int_equal(seed_listen(server, "?", 0), errors[i].error);
        assert_int_equal(seed_listen_unix(server, ""), errors[i].error);
        assert_int_equal(seed_listen_fd(server, -1), errors[i].error);
        assert_int_equal(seed_run(server), errors[i].error);
        assert_int_equal(seed_start(server), errors[i].error);
        assert_null(seed_inject(server, NULL));
        assert_string_equal(seed_server_error(server), kept);
        seed_server_free(server);
    }
    event_base_free(base);
}

/* --- the other error numbers ---------------------------------------------- */

static seed_step send_twice(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    assert_int_equal(seed_res_set(res, "A b", "c"), SEED_EHEADER);
    assert_int_equal(seed_res_set(res, "A", "b\r\nc"), SEED_EHEADER);
    seed_send_text(res, 200, "once");
    assert_int_equal(seed_res_set(res, "A", "b"), SEED_ESENT);
    return SEED_STOP;
}

static seed_req *held;
static atomic_int gone;

static void on_peer(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)req;
    (void)ctx;
    gone += state == SEED_GONE;
}

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    seed_on_peer(req, on_peer, NULL);
    held = req;
    return SEED_WAIT;
}

static void requests_have_their_errors_too(void **state)
{
    seed_server *server = with(NULL);
    struct served served;
    char out[2];
    int fd;

    (void)state;
    gone = 0;
    seed_get(server, "/twice", send_twice, NULL);
    seed_get(server, "/hold", hold, NULL);
    seed_route_name(seed_get(server, "/long", handler, NULL), "long");
    assert_int_equal(seed_route_url(server, "none", out, 2, NULL),
        SEED_ENOROUTE);
    assert_int_equal(seed_route_url(server, "long", out, 2, NULL), SEED_EFULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_string_equal(get(seed_server_port(server), "/twice"), "once");

    fd = dial(seed_server_port(server));
    ask(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /hold HTTP/1.1\r\nHost: a"
        "\r\n\r\n", "hi");
    for (int i = 0; i < 1000 && !held; i++)
        sleep_ms(2);
    close_with_reset(fd);
    assert_true(await_count(&gone, 1));
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(seed_stream_open(seed_req_res(held), 200, 1),
        SEED_EGONE);
    seed_resume(held, SEED_STOP);
    seed_server_free(server);
}

/* --- every number has its words ------------------------------------------- */

static const struct {
    const char *name;
    int number;
} numbers[] = {
#define SEED_X(name, value, text) { #name, SEED_##name },
    SEED_ERRORS(SEED_X)
#undef SEED_X
};

static void every_number_has_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *text = seed_strerror(numbers[i].number);

        assert_true(numbers[i].number < 0);
        assert_string_not_equal(text, "unknown error");
        assert_true(islower((unsigned char)text[0]) || text[0] == 'l');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(text, seed_strerror(numbers[j].number));
    }
    assert_string_equal(seed_strerror(-9999), "unknown error");
    assert_string_equal(seed_strerror(1), "unknown error");
}

/* --- defaults ------------------------------------------------------------- */

static void no_options_are_good_options(void **state)
{
    static const struct seed_options nothing;
    const struct seed_options *const ways[] = { NULL, &nothing };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        seed_server *server = with(ways[i]);
        seed_reply *reply = seed_inject(server, NULL);

        assert_null(seed_server_error(server));
        assert_string_equal(seed_reply_header(reply, "Server"), "libseed");
        seed_reply_free(reply);
        seed_server_free(server);
    }
}

static void the_server_field_may_be_left_out(void **state)
{
    seed_server *server = with(&(struct seed_options){ .name = "" });
    seed_reply *reply = seed_inject(server, NULL);

    (void)state;
    assert_int_equal(seed_reply_status(reply), 200);
    assert_null(seed_reply_header(reply, "Server"));
    seed_reply_free(reply);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setup_errors_stick_and_are_sentences),
        cmocka_unit_test(requests_have_their_errors_too),
        cmocka_unit_test(every_number_has_words),
        cmocka_unit_test(no_options_are_good_options),
        cmocka_unit_test(the_server_field_may_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
