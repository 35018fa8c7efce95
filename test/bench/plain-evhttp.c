/* SPDX-License-Identifier: MIT */
/* What libseed wraps, as one uses it by its manual: a callback, a buffer, a
 * reply. The body goes by reference, which is the best that evhttp can do. */
#include "bench/body.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include <arpa/inet.h>
#include <netinet/in.h>

static void answer(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *buffer = evbuffer_new();

    (void)ctx;
    evbuffer_add_reference(buffer, body, body_length, NULL, NULL);
    evhttp_send_reply(request, 200, "OK", buffer);
    evbuffer_free(buffer);
}

static unsigned port_of(evutil_socket_t fd)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size))
        exit(1);
    return ntohs(address.sin_port);
}

int main(int argc, char **argv)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = base ? evhttp_new(base) : NULL;
    struct evhttp_bound_socket *bound;

    read_body(argc, argv);
    bound = !http ? NULL :
        evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    if (!bound)
        return 1;

    evhttp_set_gencb(http, answer, NULL);
    say_port(port_of(evhttp_bound_socket_get_fd(bound)));
    return event_base_dispatch(base);
}
