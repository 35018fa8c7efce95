/* SPDX-License-Identifier: MIT */
#include "watch/admin.h"

#include <seed.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static seed_step show(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "");
}

static seed_step check(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static void watch(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static int line_of_route;

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);
    seed_route *route;

    seed_use(server, check, NULL);
    line_of_route = __LINE__ + 1;
    route = seed_get(server, "/a/:b", show, NULL);
    seed_route_name(seed_route_then(route, check, NULL), "<one>");
    seed_post(server, "/&", show, NULL);
    seed_after(server, watch, NULL);
    seed_admin_add(server,
        &(struct seed_admin_options){ .address = "localhost:0" });
    return server;
}

static seed_reply *get(seed_server *server, const char *url,
    const char *accept)
{
    const char *const headers[] = { "Host", "localhost",
        accept ? "Accept" : NULL, accept, NULL };

    return seed_inject(seed_admin_server(seed_server_admin(server)),
        &(struct seed_injection){ .url = url, .headers = headers });
}

static json_t *get_json(seed_server *server, const char *url, int status)
{
    seed_reply *reply = get(server, url, NULL);
    json_t *json = json_loads(seed_reply_body(reply, NULL), 0, NULL);

    assert_int_equal(status, seed_reply_status(reply));
    assert_string_equal("application/json",
        seed_reply_header(reply, "Content-Type"));
    assert_string_equal("no-store",
        seed_reply_header(reply, "Cache-Control"));
    assert_non_null(json);
    seed_reply_free(reply);
    return json;
}

static void assert_text(const json_t *object, const char *key,
    const char *want)
{
    assert_non_null(json_object_get(object, key));
    assert_string_equal(want, json_string_value(json_object_get(object, key)));
}

static void lists_routes(void **state)
{
    seed_server *server = make_server();
    json_t *json = get_json(server, "/routes", 200);
    json_t *routes = json_object_get(json, "routes");
    json_t *first = json_array_get(routes, 0), *at;

    (void)state;
    assert_int_equal(2, json_array_size(routes));
    assert_text(first, "method", "GET");
    assert_text(first, "pattern", "/a/:b");
    assert_text(first, "name", "<one>");
    at = json_object_get(first, "handlers");
    assert_int_equal(2, json_array_size(at));
    assert_text(json_array_get(at, 0), "function", "show");
    assert_text(json_array_get(at, 0), "file", __FILE__);
    assert_int_equal(line_of_route, json_integer_value(
        json_object_get(json_array_get(at, 0), "line")));
    assert_text(json_array_get(at, 1), "function", "check");
    assert_text(json_array_get(routes, 1), "method", "POST");
    assert_null(json_object_get(json_array_get(routes, 1), "name"));

    at = json_object_get(json, "others");
    assert_text(json_array_get(at, 0), "kind", "use");
    assert_text(json_array_get(at, 0), "function", "check");
    assert_text(json_array_get(at, 1), "kind", "after");
    assert_text(json_array_get(at, 1), "function", "watch");
    json_decref(json);
    seed_server_free(server);
}

static const struct {
    const char *url;
    const char *parts[6];
} pages[] = {
    { "/routes", { "<code>GET</code>", "<code>/a/:b</code>", "&lt;one&gt;",
        "<code>/&amp;</code>", "<td>after<td><code>watch</code>", "</html>" } },
    { "/", { "<h1>Admin</h1>", "<a href=\"/healthz\">", "<a href=\"/readyz\">",
        "<a href=\"/routes\">", "</ul>", "</html>" } },
};

static void makes_pages(void **state)
{
    seed_server *server = make_server();

    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        seed_reply *reply = get(server, pages[i].url,
            "text/html,application/xhtml+xml,*/*;q=0.8");
        const char *at = seed_reply_body(reply, NULL);

        assert_string_equal("text/html; charset=utf-8",
            seed_reply_header(reply, "Content-Type"));
        assert_string_equal("Accept", seed_reply_header(reply, "Vary"));
        assert_non_null(strstr(seed_reply_header(reply,
            "Content-Security-Policy"), "default-src 'none'"));
        for (size_t j = 0; j < 6; j++) {
            at = strstr(at, pages[i].parts[j]);
            if (!at)
                fail_msg("%s: %s", pages[i].url, pages[i].parts[j]);
        }
        seed_reply_free(reply);
    }
    seed_server_free(server);
}

static void lists_itself(void **state)
{
    seed_server *server = make_server();
    seed_admin *admin = seed_server_admin(server);
    json_t *json, *paths;

    (void)state;
    seed_get(seed_admin_server(admin), "/own", show, NULL);
    seed_get(seed_admin_server(admin), "/with/:parameter", show, NULL);
    seed_post(seed_admin_server(admin), "/post", show, NULL);
    json = get_json(server, "/", 200);
    paths = json_object_get(json, "paths");
    assert_int_equal(5, json_array_size(paths));
    assert_string_equal("/own",
        json_string_value(json_array_get(paths, 4)));
    json_decref(json);
    seed_server_free(server);
}

static void is_healthy_and_not_ready_before_it_serves(void **state)
{
    seed_server *server = make_server();
    json_t *json = get_json(server, "/healthz", 200);

    (void)state;
    assert_text(json, "status", "ok");
    assert_int_equal(0, json_array_size(json_object_get(json, "loops")));
    assert_true(json_is_integer(json_object_get(json, "uptimeMs")));
    json_decref(json);

    json = get_json(server, "/readyz", 503);
    assert_text(json, "status", "not serving");
    json_decref(json);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_routes),
        cmocka_unit_test(makes_pages),
        cmocka_unit_test(lists_itself),
        cmocka_unit_test(is_healthy_and_not_ready_before_it_serves),
    };

    return cmocka_run_group_tests_name("watch/admin_pages", tests, NULL,
        NULL);
}
