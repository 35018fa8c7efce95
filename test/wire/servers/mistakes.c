/* SPDX-License-Identifier: MIT */
/* Makes the mistake that its argument names, and prints what libseed says.
 *
 *     mistakes MISTAKE [PORT|PATH] */
#include <seed.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static void duplicate(seed_server *server, const char *argument)
{
    (void)argument;
    seed_get(server, "/users/:id", hello, NULL);
    seed_get(server, "/users/:name", hello, NULL);
}

static void pattern(seed_server *server, const char *argument)
{
    seed_get(server, argument, hello, NULL);
}

static void port(seed_server *server, const char *argument)
{
    seed_get(server, "/", hello, NULL);
    seed_listen(server, "127.0.0.1", atoi(argument));
}

static void host(seed_server *server, const char *argument)
{
    seed_listen(server, argument, 0);
}

static void path(seed_server *server, const char *argument)
{
    seed_listen_unix(server, argument);
}

static void late(seed_server *server, const char *argument)
{
    (void)argument;
    seed_listen(server, "127.0.0.1", 0);
    seed_get(server, "/late", hello, NULL);
}

static void method(seed_server *server, const char *argument)
{
    seed_route_add(server, argument, "/", hello, NULL);
}

static void name(seed_server *server, const char *argument)
{
    seed_route_name(seed_get(server, "/a", hello, NULL), argument);
    seed_route_name(seed_get(server, "/b", hello, NULL), argument);
}

static void nowhere(seed_server *server, const char *argument)
{
    (void)argument;
    seed_get(server, "/", hello, NULL);
}

static const struct {
    const char *name;
    void (*make)(seed_server *server, const char *argument);
} mistakes[] = {
    { "duplicate", duplicate },
    { "pattern", pattern },
    { "port", port },
    { "host", host },
    { "path", path },
    { "late", late },
    { "method", method },
    { "name", name },
    { "nowhere", nowhere },
};

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(NULL);
    const char *argument = argc > 2 ? argv[2] : "";
    int error;

    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (argc > 1 && !strcmp(argv[1], mistakes[i].name))
            mistakes[i].make(server, argument);

    error = seed_run(server);
    printf("%d %s\n", error, error ? seed_server_error(server) : "");
    seed_server_free(server);
    return error ? 1 : 0;
}
