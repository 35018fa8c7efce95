/* SPDX-License-Identifier: MIT */
/* HTTPS: a certificate, one more for another name whose clients must show one
 * of their own, and a reload on SIGHUP.
 *
 *     make build/examples/tls
 *     build/examples/tls 8443 server.pem server.key
 *     curl --cacert ca.pem https://localhost:8443/
 *
 * and with a second certificate and the authorities of its clients:
 *
 *     build/examples/tls 8443 server.pem server.key inner.pem inner.key ca.pem
 *     kill -HUP PID
 *
 * Without files it makes a certificate, which nobody trusts: curl -k.
 */
#include <event2/event.h>
#include <seed.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static seed_step tell(seed_req *req, seed_res *res, void *ctx)
{
    const seed_tls *tls = seed_req_tls(req);

    (void)ctx;
    if (!tls)
        return seed_fail(res, 500, "this request came in clear text");

    return seed_send_text(res, 200, seed_req_printf(req, "%s %s for %s, %s%s\n",
        tls->version, tls->cipher,
        tls->server_name ? tls->server_name : "no name",
        tls->subject ? "client " : "client unknown",
        tls->subject ? tls->subject : ""));
}

/* On worker 0's thread, where a file may be read for a moment. */
static void on_hangup(evutil_socket_t number, short what, void *ctx)
{
    (void)number;
    (void)what;
    seed_tls_reload(ctx);
}

static struct event *hangup;

static void catch_hangup(const struct seed_event *event, void *ctx)
{
    if (seed_worker_index(event->worker))
        return;

    hangup = evsignal_new(seed_worker_base(event->worker), SIGHUP, on_hangup,
        ctx);
    event_add(hangup, NULL);
}

static void leave_hangup(const struct seed_event *event, void *ctx)
{
    (void)ctx;
    if (!seed_worker_index(event->worker))
        event_free(hangup);
}

static void listen_with_files(seed_server *server, int port, char **files)
{
    seed_listen_tls(server, "localhost", port,
        &(struct seed_tls_options){.cert = files[0], .key = files[1]});

    if (files[2] && files[3] && files[4])
        seed_tls_add_host(server, &(struct seed_tls_host){
            .names = "inner.localhost",
            .cert = files[2],
            .key = files[3],
            .client_ca = files[4],
        });
}

static void listen_to_try(seed_server *server, int port)
{
    char *cert, *key;

    if (seed_tls_selfsigned("localhost 127.0.0.1 ::1", &cert, &key))
        return;
    seed_listen_tls(server, "localhost", port,
        &(struct seed_tls_options){.cert = cert, .key = key});
    seed_release(cert);
    seed_release(key);
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(NULL);
    int port = argc > 1 ? atoi(argv[1]) : 8443;

    seed_get(server, "/", tell, NULL);
    seed_on(server, SEED_ON_LISTEN, catch_hangup, server);
    seed_on(server, SEED_ON_STOP, leave_hangup, NULL);
    if (argc > 3)
        listen_with_files(server, port, argv + 2);
    else
        listen_to_try(server, port);

    if (!seed_server_error(server))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if (seed_run(server)) {
        fprintf(stderr, "%s\n", seed_server_error(server));
        seed_server_free(server);
        return 1;
    }
    seed_server_free(server);
    return 0;
}
