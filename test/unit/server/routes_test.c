/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200,
        seed_route_pattern(seed_req_route(req)));
}

static void lent(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evbuffer_new();

    evbuffer_add_printf(body, "%s %s", (const char *)ctx,
        evhttp_request_get_uri(request));
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void null_method(seed_server *server)
{
    seed_route_add(server, NULL, "/", handler, NULL);
}

static void bad_method(seed_server *server)
{
    seed_route_add(server, "GE T", "/", handler, NULL);
}

static void no_method(seed_server *server)
{
    seed_route_add(server, "", "/", handler, NULL);
}

static void tunnel(seed_server *server)
{
    seed_route_add(server, "CONNECT", "/", handler, NULL);
}

static void null_pattern(seed_server *server)
{
    seed_get(server, NULL, handler, NULL);
}

static void null_handler(seed_server *server)
{
    seed_get(server, "/", NULL, NULL);
}

static void bad_pattern(seed_server *server)
{
    seed_get(server, "users", handler, NULL);
}

static void two_of_them(seed_server *server)
{
    seed_get(server, "/users/:id", handler, NULL);
    seed_get(server, "/users/:name", handler, NULL);
}

static void beside_a_mount(seed_server *server)
{
    seed_mount_evhttp(server, "/old", lent, NULL);
    seed_route_add(server, "*", "/old", handler, NULL);
}

static void null_then(seed_server *server)
{
    seed_route_then(seed_get(server, "/", handler, NULL), NULL, NULL);
}

static void null_name(seed_server *server)
{
    seed_route_name(seed_get(server, "/", handler, NULL), NULL);
}

static void taken_name(seed_server *server)
{
    seed_route_name(seed_get(server, "/a", handler, NULL), "it");
    seed_route_name(seed_put(server, "/b", handler, NULL), "it");
}

static void null_path(seed_server *server)
{
    seed_mount_evhttp(server, NULL, lent, NULL);
}

static void null_callback(seed_server *server)
{
    seed_mount_evhttp(server, "/old/*", NULL, NULL);
}

static void late(seed_server *server)
{
    seed_listen(server, "127.0.0.1", 0);
    seed_get(server, "/", handler, NULL);
}

/* In a sentence "@" is the file and a line. */
static const struct {
    void (*make)(seed_server *server);
    int error;
    const char *sentence;
} mistakes[] = {
    { null_method, SEED_EINVAL, "NULL / (@) is not a route: its method is not "
        "a token (RFC 9110 9.1)." },
    { bad_method, SEED_EINVAL, "GE T / (@) is not a route: its method is not "
        "a token (RFC 9110 9.1)." },
    { no_method, SEED_EINVAL, " / (@) is not a route: its method is not a "
        "token (RFC 9110 9.1)." },
    { tunnel, SEED_EINVAL, "CONNECT / (@) is not a route: CONNECT asks for a "
        "tunnel, and this is no proxy." },
    { null_pattern, SEED_EINVAL, "GET NULL (@) is not a route: its pattern is "
        "NULL." },
    { null_handler, SEED_EINVAL, "GET / (@) is not a route: its handler is "
        "NULL." },
    { bad_pattern, SEED_EPATTERN, "GET users (@) is not a route: a pattern "
        "starts with '/'." },
    { two_of_them, SEED_EDUP, "GET /users/:name (@) is routed already (at @, "
        "as /users/:id): leave one of them out, or join their handlers by "
        "seed_route_then()." },
    { beside_a_mount, SEED_EDUP, "* /old (@) is routed already (by "
        "seed_mount_evhttp(), as /old): leave one of them out, or join their "
        "handlers by seed_route_then()." },
    { null_then, SEED_EINVAL, "seed_route_then() for GET / (@) has no "
        "handler: it is NULL." },
    { null_name, SEED_EINVAL, "seed_route_name() for GET / has no name: it is "
        "NULL." },
    { taken_name, SEED_EDUP, "The name \"it\" for PUT /b is taken by GET /a: "
        "give one of them another name." },
    { null_path, SEED_EINVAL, "NULL (seed_mount_evhttp()) is not a route: its "
        "path is NULL." },
    { null_callback, SEED_EINVAL, "/old/* (seed_mount_evhttp()) is not a "
        "route: its callback is NULL." },
    { late, SEED_ESTATE, "a route (handler, @) comes after seed_listen(): add "
        "handlers and routes before it." },
};

/* Writes a sentence with every place in it as "@". */
static void hide_places(char *out, const char *sentence)
{
    while (*sentence) {
        size_t length = strlen(__FILE__);

        if (strncmp(sentence, __FILE__, length)) {
            *out++ = *sentence++;
            continue;
        }
        *out++ = '@';
        sentence += length + 1;
        sentence += strspn(sentence, "0123456789");
    }
    *out = '\0';
}

static void mistakes_say_what_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        seed_server *server = seed_server_new(NULL);
        char sentence[1024];

        mistakes[i].make(server);
        assert_non_null(seed_server_error(server));
        hide_places(sentence, seed_server_error(server));
        assert_string_equal(sentence, mistakes[i].sentence);
        assert_int_equal(seed_run(server), mistakes[i].error);
        seed_server_free(server);
    }
}

static void the_place_is_the_line_of_the_registration(void **state)
{
    seed_server *server = seed_server_new(NULL);
    int first = __LINE__ + 4;
    char places[128];

    (void)state;
    seed_get(server, "/", handler, NULL);
    seed_get(server, "/", handler, NULL);
    snprintf(places, sizeof places, "GET / (%s:%d) is routed already (at "
        "%s:%d,", __FILE__, first + 1, __FILE__, first);
    assert_memory_equal(seed_server_error(server), places, strlen(places));
    seed_server_free(server);
}

static void collect(const seed_route *route, void *ctx)
{
    strcat(strcat(strcat(ctx, seed_route_method(route)), " "),
        seed_route_pattern(route));
    strcat(ctx, "\n");
}

static void every_method_has_its_word(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char text[512] = "";

    (void)state;
    seed_get(server, "/a", handler, NULL);
    seed_head(server, "/b", handler, NULL);
    seed_post(server, "/c", handler, NULL);
    seed_put(server, "/d", handler, NULL);
    seed_patch(server, "/e", handler, NULL);
    seed_del(server, "/f", handler, NULL);
    seed_opts(server, "/g", handler, NULL);
    seed_route_add(server, "PROPFIND", "/h", handler, NULL);
    seed_route_add(server, "*", "/i", handler, NULL);
    seed_mount_evhttp(server, "/a:b/*", lent, NULL);
    assert_null(seed_server_error(server));
    seed_each_route(server, collect, text);
    assert_string_equal(text, "GET /a\nHEAD /b\nPOST /c\nPUT /d\nPATCH /e\n"
        "DELETE /f\nOPTIONS /g\nPROPFIND /h\n* /i\n* /a::b/*\n");
    seed_server_free(server);
}

static void routes_have_names_and_slots(void **state)
{
    static const char key, other;
    seed_server *server = seed_server_new(NULL);
    seed_route *route = seed_get(server, "/a", handler, NULL);

    (void)state;
    assert_null(seed_route_title(route));
    assert_ptr_equal(seed_route_name(route, "first"), route);
    assert_ptr_equal(seed_route_name(route, "second"), route);
    assert_string_equal(seed_route_title(route), "second");
    assert_null(seed_route_slot(route, &key));
    assert_ptr_equal(seed_route_set(route, &key, server), route);
    assert_ptr_equal(seed_route_slot(route, &key), server);
    assert_null(seed_route_slot(route, &other));
    seed_route_set(route, &key, NULL);
    assert_null(seed_route_slot(route, &key));
    seed_route_set(route, &other, server);
    assert_ptr_equal(seed_route_deadline(route, 250), route);
    assert_null(seed_route_deadline(NULL, 250));
    assert_ptr_equal(seed_route_exempt(route, true), route);
    assert_null(seed_route_exempt(NULL, true));
    assert_null(seed_server_error(server));
    seed_server_free(server);
}

static const struct {
    const char *path, *want;
} mounted[] = {
    { "/exact:1", "exact /exact:1" },
    { "/tree/a/b?c=d", "tree /tree/a/b?c=d" },
    { "/tree/", "tree /tree/" },
    { "/route", "/route" },
};

static void evhttp_callbacks_serve_their_paths(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = 2 });
    struct served served;

    (void)state;
    seed_mount_evhttp(server, "/exact:1", lent, "exact");
    seed_mount_evhttp(server, "/tree/*", lent, "tree");
    seed_get(server, "/route", handler, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    for (size_t i = 0; i < sizeof mounted / sizeof *mounted; i++)
        assert_string_equal(get(seed_server_port(server), mounted[i].path),
            mounted[i].want);
    assert_non_null(strstr(get(seed_server_port(server), "/exact"),
        "ResourceNotFound"));
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_say_what_and_where),
        cmocka_unit_test(the_place_is_the_line_of_the_registration),
        cmocka_unit_test(every_method_has_its_word),
        cmocka_unit_test(routes_have_names_and_slots),
        cmocka_unit_test(evhttp_callbacks_serve_their_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
