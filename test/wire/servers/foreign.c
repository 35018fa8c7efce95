/* SPDX-License-Identifier: MIT */
/* A program written for evhttp, on its own loop: libseed is added to it, and
 * its old callbacks go on answering. */
#include "common.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

static void answer(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *out = evhttp_request_get_output_buffer(request);

    evbuffer_add_printf(out, "%s %s %zu", (const char *)ctx,
        evhttp_request_get_uri(request),
        evbuffer_get_length(evhttp_request_get_input_buffer(request)));
    evhttp_add_header(evhttp_request_get_output_headers(request),
        "Content-Type", "text/plain");
    evhttp_send_reply(request, 200, "OK", NULL);
}

static void answer_in_chunks(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *piece = evbuffer_new();

    (void)ctx;
    evhttp_send_reply_start(request, 200, "OK");
    for (int i = 0; i < 3; i++) {
        evbuffer_add_printf(piece, "piece %d\n", i);
        evhttp_send_reply_chunk(request, piece);
    }
    evhttp_send_reply_end(request);
    evbuffer_free(piece);
}

static void refuse(struct evhttp_request *request, void *ctx)
{
    (void)ctx;
    evhttp_send_error(request, 403, "not here");
}

static seed_step ours(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "ours");
}

static void stop(evutil_socket_t number, short what, void *ctx)
{
    (void)number;
    (void)what;
    seed_stop(ctx, 1000);
}

static void stopped(const seed_event *event, void *ctx)
{
    (void)event;
    event_base_loopbreak(ctx);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    struct event_base *base = event_base_new();
    struct evhttp *evhttp = evhttp_new(base);
    struct evhttp_bound_socket *bound;
    seed_server *server;
    struct event *term;
    struct sockaddr_storage address;
    socklen_t room = sizeof address;
    int error;

    evhttp_set_gencb(evhttp, answer, "general");
    evhttp_set_cb(evhttp, "/old", answer, "old");
    bound = evhttp_bind_socket_with_handle(evhttp, flags.host, 0);
    getsockname(evhttp_bound_socket_get_fd(bound),
        (struct sockaddr *)&address, &room);

    flags.options.base = base;
    flags.options.evhttp = evhttp;
    server = seed_server_new(&flags.options);
    keep_counts(server);
    seed_get(server, "/ours", ours, NULL);
    seed_mount_evhttp(server, "/mounted/*", answer, "mounted");
    seed_mount_evhttp(server, "/chunks", answer_in_chunks, NULL);
    seed_mount_evhttp(server, "/refused", refuse, NULL);
    seed_on(server, SEED_ON_STOP, stopped, base);
    term = evsignal_new(base, SIGTERM, stop, server);
    event_add(term, NULL);

    if ((error = seed_start(server))) {
        fprintf(stderr, "%s\n", seed_server_error(server));
        return 1;
    }
    printf("http://127.0.0.1:%d\n",
        ntohs(((struct sockaddr_in *)&address)->sin_port));
    fflush(stdout);
    event_base_dispatch(base);

    event_free(term);
    seed_server_free(server);
    evhttp_free(evhttp);
    event_base_free(base);
    tell_end();
    return 0;
}
