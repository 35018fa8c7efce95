/* SPDX-License-Identifier: MIT */
/* TLS listeners of a test's wishes: every flag adds to the last listener, which
 * --cert or --made begins. They print their URLs in that order.
 *
 *     tlsplay [--workers N] [--grace MS] [--plain 1] (--cert FILE | --made 1)
 *         [--key FILE] [--ca FILE] [--crl FILE] [--optional 1] [--strict 1]
 *         [--tickets no] [--ciphers LIST] [--shake MS] [--shakes N]
 *         [--host-cert FILE --host-key FILE [--host-names NAMES]
 *             [--host-ca FILE]]... */
#include "common.h"

#include <event2/event.h>
#include <signal.h>

enum { HOSTS_MOST = 4 };

struct asked {
    struct seed_tls_options options;
    struct seed_tls_host hosts[HOSTS_MOST];
    unsigned host_count;
    bool made;
};

static struct asked listeners[4];
static unsigned listener_count;
static bool plain;

static void read_host_flag(struct asked *asked, const char *flag,
    const char *value)
{
    if (!strcmp(flag, "--host-cert"))
        asked->hosts[asked->host_count++].cert = value;
    if (!asked->host_count)
        return;
    if (!strcmp(flag, "--host-key"))
        asked->hosts[asked->host_count - 1].key = value;
    if (!strcmp(flag, "--host-names"))
        asked->hosts[asked->host_count - 1].names = value;
    if (!strcmp(flag, "--host-ca"))
        asked->hosts[asked->host_count - 1].client_ca = value;
}

static void read_flag(const char *flag, const char *value)
{
    struct seed_tls_options *options;

    plain = plain || !strcmp(flag, "--plain");
    if (!strcmp(flag, "--cert"))
        listeners[listener_count++].options.cert = value;
    if (!strcmp(flag, "--made"))
        listeners[listener_count++].made = true;
    if (!listener_count)
        return;

    options = &listeners[listener_count - 1].options;
    if (!strcmp(flag, "--key"))
        options->key = value;
    if (!strcmp(flag, "--ca"))
        options->client_ca = value;
    if (!strcmp(flag, "--crl"))
        options->client_crl = value;
    if (!strcmp(flag, "--optional"))
        options->client_optional = true;
    if (!strcmp(flag, "--strict"))
        options->strict_names = true;
    if (!strcmp(flag, "--tickets"))
        options->no_tickets = true;
    if (!strcmp(flag, "--ciphers"))
        options->ciphers = value;
    if (!strcmp(flag, "--shake"))
        options->handshake_timeout = (unsigned)atoi(value);
    if (!strcmp(flag, "--shakes"))
        options->max_handshakes = (unsigned)atoi(value);
    read_host_flag(&listeners[listener_count - 1], flag, value);
}

/* --- handlers ------------------------------------------------------------- */

static seed_step small(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "small");
}

static seed_step tell(seed_req *req, seed_res *res, void *ctx)
{
    const seed_tls *tls = seed_req_tls(req);
    seed_json json;

    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_integer(&json, "worker",
        seed_worker_index(seed_req_worker(req)));
    if (tls) {
        seed_json_string(&json, "version", tls->version);
        seed_json_string(&json, "cipher", tls->cipher);
        seed_json_string(&json, "name", tls->server_name);
        seed_json_bool(&json, "resumed", tls->resumed);
        seed_json_string(&json, "subject", tls->subject);
        seed_json_string(&json, "issuer", tls->issuer);
        seed_json_string(&json, "serial", tls->serial);
        seed_json_string(&json, "fingerprint", tls->fingerprint);
        seed_json_array(&json, "names");
        for (size_t i = 0; i < tls->name_count; i++)
            seed_json_string(&json, NULL, tls->names[i]);
        seed_json_end(&json);
    }
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step many(seed_req *req, seed_res *res, void *ctx)
{
    size_t length = strtoul(seed_req_param(req, "n"), NULL, 10);
    char *bytes = seed_req_alloc(req, length + 1);

    (void)ctx;
    if (!bytes)
        return seed_fail(res, 503, "no memory");
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)('a' + i % 26);
    return seed_send_static(res, 200, bytes, length);
}

static seed_step file(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_file(res, 200, seed_req_query(req, "path"));
}

static seed_step read_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, SEED_UNLIMITED);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_bytes(res, 200, body, length);
}

static seed_step close_after(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_close(res);
    return seed_send_text(res, 200, "last");
}

/* --- streams -------------------------------------------------------------- */

enum { PIECE = 10000 };

static void write_some(seed_res *res, void *ctx)
{
    static const char piece[PIECE];
    size_t *left = seed_req_slot(seed_res_req(res), &plain);

    (void)ctx;
    while (*left) {
        size_t length = *left < PIECE ? *left : PIECE;

        *left -= length;
        if (seed_stream_write(res, piece, length))
            return;
    }
    seed_stream_end(res);
    seed_resume(seed_res_req(res), SEED_STOP);
}

static void end_stream(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)ctx;
    if (state == SEED_GONE)
        seed_resume(req, SEED_STOP);
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    size_t *left = seed_req_alloc(req, sizeof *left);

    (void)ctx;
    *left = strtoul(seed_req_param(req, "n"), NULL, 10);
    seed_req_set(req, &plain, left);
    seed_on_peer(req, end_stream, NULL);
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_on_drain(res, write_some, NULL);
    write_some(res, NULL);
    return SEED_WAIT;
}

/* --- reloading ------------------------------------------------------------ */

static struct event *hangup;

static void on_hangup(evutil_socket_t number, short what, void *server)
{
    (void)number;
    (void)what;
    printf("reload %d\n", seed_tls_reload(server));
    fflush(stdout);
}

static void on_listen(const seed_event *event, void *server)
{
    if (seed_worker_index(event->worker))
        return;
    hangup = evsignal_new(seed_worker_base(event->worker), SIGHUP, on_hangup,
        server);
    event_add(hangup, NULL);
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (!seed_worker_index(event->worker))
        event_free(hangup);
}

static void listen_one(seed_server *server, struct asked *asked)
{
    char *cert = NULL, *key = NULL;

    if (asked->made) {
        seed_tls_selfsigned("localhost 127.0.0.1", &cert, &key);
        asked->options.cert = cert;
        asked->options.key = key;
    }
    seed_listen_tls(server, "127.0.0.1", 0, &asked->options);
    for (unsigned i = 0; i < asked->host_count; i++)
        seed_tls_add_host(server, &asked->hosts[i]);
    seed_release(cert);
    seed_release(key);
}

/* The URL of a server is its first listener's; a plain one tells its port by
 * being asked second. */
int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(&flags.options);
    int error;

    for (int i = 1; i + 1 < argc; i += 2)
        read_flag(argv[i], argv[i + 1]);

    keep_counts(server);
    seed_watch(server, &(struct seed_watch){ .metrics = true });
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    seed_get(server, "/", small, NULL);
    seed_get(server, "/quick", small, NULL);
    seed_get(server, "/tell", tell, NULL);
    seed_get(server, "/many/:n", many, NULL);
    seed_get(server, "/stream/:n", stream, NULL);
    seed_get(server, "/file", file, NULL);
    seed_get(server, "/close", close_after, NULL);
    seed_route_then(seed_post(server, "/echo", read_body, NULL), echo, NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, server);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    for (unsigned i = 0; i < listener_count; i++)
        listen_one(server, &listeners[i]);
    if (plain)
        seed_listen(server, "127.0.0.1", flags.port);
    if (!seed_server_error(server))
        puts(seed_server_url(server));
    fflush(stdout);

    error = seed_run(server);
    if (error)
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    tell_end();
    return error ? 1 : 0;
}
