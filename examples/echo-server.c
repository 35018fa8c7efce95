/* SPDX-License-Identifier: MIT */
/* Answers every path and every method that libseed knows with 200 and the body
 * that came: what a client's or a proxy's messages become can be seen in it.
 *
 *     make examples/echo-server
 *     build/examples/echo-server --port 3000
 *     curl localhost:3000/any/path -d 'hello'
 *
 * With --tls it speaks HTTPS, by a certificate of its own making.
 * With --lent the same is done by an ordinary evhttp callback, to which
 * libseed lends each request.
 */
#include <event2/buffer.h>
#include <event2/http.h>
#include <getopt.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

struct flags {
    const char *host;
    int port;
    unsigned workers;
    bool lent, tls;
};

static seed_step read_all(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length = 0;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    seed_res_set_unchecked(res, "Content-Type", "application/octet-stream");
    return seed_send_static(res, 200, body, length);
}

static void echo_lent(struct evhttp_request *request, void *ctx)
{
    (void)ctx;
    evhttp_add_header(evhttp_request_get_output_headers(request),
        "Content-Type", "application/octet-stream");
    evhttp_send_reply(request, 200, "OK",
        evhttp_request_get_input_buffer(request));
}

static struct flags read_flags(int argc, char **argv)
{
    static const struct option known[] = {
        {"host", required_argument, NULL, 'h'},
        {"port", required_argument, NULL, 'p'},
        {"workers", required_argument, NULL, 'w'},
        {"lent", no_argument, NULL, 'l'},
        {"tls", no_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    struct flags flags = {"localhost", 3000, 1, false, false};
    int flag;

    while ((flag = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (flag == '?')
            exit(2);
        if (flag == 'h')
            flags.host = optarg;
        if (flag == 'p')
            flags.port = atoi(optarg);
        if (flag == 'w')
            flags.workers = (unsigned)atoi(optarg);
        if (flag == 'l')
            flags.lent = true;
        if (flag == 't')
            flags.tls = true;
    }
    return flags;
}

static int listen_by_tls(seed_server *server, const struct flags *flags)
{
    char *cert, *key;
    int error;

    if (seed_tls_selfsigned("localhost 127.0.0.1 ::1", &cert, &key))
        return 1;

    error = seed_listen_tls(server, flags->host, flags->port,
        &(struct seed_tls_options){.cert = cert, .key = key});
    seed_release(cert);
    seed_release(key);
    return error;
}

static int start_listening(seed_server *server, const struct flags *flags)
{
    return flags->tls ? listen_by_tls(server, flags)
                      : seed_listen(server, flags->host, flags->port);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(
        &(struct seed_options){.workers = flags.workers});
    int error;

    if (flags.lent)
        seed_mount_evhttp(server, "/*", echo_lent, NULL);
    else
        seed_route_then(seed_route_add(server, "*", "/*", read_all, NULL),
            echo, NULL);

    if (start_listening(server, &flags) == 0) {
        printf("echo serves %s\n", seed_server_url(server));
        fflush(stdout);
    }
    if ((error = seed_run(server)))
        fprintf(stderr, "echo-server: %s\n", seed_server_error(server));
    seed_server_free(server);
    return error ? 1 : 0;
}
