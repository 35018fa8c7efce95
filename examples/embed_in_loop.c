/* SPDX-License-Identifier: MIT */
/* A server inside a program that has a libevent loop already: the loop stays
 * the program's, and so do its other events and its signals.
 *
 *     make build/examples/embed_in_loop
 *     build/examples/embed_in_loop 3000
 *     curl localhost:3000/ticks
 *     curl -X POST localhost:3000/quit
 */
#include <event2/event.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

/* The program's own work: something that counts. Handlers run on the same
 * thread, so that they may read and write it without a lock. */
static void tick(evutil_socket_t fd, short what, void *ctx)
{
    unsigned *ticks = ctx;

    (void)fd;
    (void)what;
    ++*ticks;
}

static seed_step show_ticks(seed_req *req, seed_res *res, void *ctx)
{
    const unsigned *ticks = ctx;

    return seed_send_text(res, 200, seed_req_printf(req, "%u\n", *ticks));
}

static seed_step quit(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_stop(seed_req_server(req), 1000);
    return seed_send_text(res, 202, "bye\n");
}

/* The server's last word. What ends the loop is the program's decision. */
static void leave_loop(const seed_event *event, void *ctx)
{
    (void)event;
    event_base_loopbreak(ctx);
}

int main(int argc, char **argv)
{
    struct timeval tenth = {0, 100000};
    unsigned ticks = 0;
    struct event_base *base = event_base_new();
    struct event *timer = event_new(base, -1, EV_PERSIST, tick, &ticks);
    seed_server *server = seed_server_new(&(struct seed_options){.base = base});
    int error;

    event_add(timer, &tenth);
    seed_get(server, "/ticks", show_ticks, &ticks);
    seed_post(server, "/quit", quit, NULL);
    seed_on(server, SEED_ON_STOP, leave_loop, base);

    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_start(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    else
        event_base_dispatch(base);

    seed_server_free(server);
    event_free(timer);
    event_base_free(base);
    return error != 0;
}
