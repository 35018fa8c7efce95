/* SPDX-License-Identifier: MIT */
/* link: -lmicrohttpd */
/* libmicrohttpd at its fastest: one internal thread on epoll, and one answer
 * that is made once and queued for each request. */
#include "bench/body.h"

#include <microhttpd.h>

#include <unistd.h>

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **request)
{
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_size;

    /* Who answers in the first call, at the head, loses the connection. */
    if (!*request) {
        *request = ctx;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, ctx);
}

int main(int argc, char **argv)
{
    const union MHD_DaemonInfo *info;
    struct MHD_Response *response;
    struct MHD_Daemon *daemon;

    read_body(argc, argv);
    response = MHD_create_response_from_buffer(body_length, body,
        MHD_RESPMEM_PERSISTENT);
    daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL, NULL, answer,
        response, MHD_OPTION_END);
    info = !daemon ? NULL :
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (!info)
        return 1;

    say_port(info->port);
    for (;;)
        pause();
}
