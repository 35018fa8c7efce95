/* SPDX-License-Identifier: MIT */
/* What the servers of the wire tests share: flags, the line with the URL, and
 * a book of what hooks saw, which GET /counts tells.
 *
 *     NAME [--host H] [--port N] [--workers N] [--unix PATH] [--grace MS] */
#ifndef TEST_WIRE_SERVERS_COMMON_H
#define TEST_WIRE_SERVERS_COMMON_H

#include <seed.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Workers share the book. */
static struct {
    atomic_long begun, after, bad, open, closed, half, gone, stalls, received;
} counts;

struct flags {
    const char *host, *unix_path;
    int port;
    struct seed_options options;
};

static void count_event(const seed_event *event, void *ctx)
{
    (void)event;
    atomic_fetch_add((atomic_long *)ctx, 1);
}

static seed_step tell_counts(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_integer(&json, "begun", atomic_load(&counts.begun));
    seed_json_integer(&json, "after", atomic_load(&counts.after));
    seed_json_integer(&json, "bad", atomic_load(&counts.bad));
    seed_json_integer(&json, "open", atomic_load(&counts.open));
    seed_json_integer(&json, "closed", atomic_load(&counts.closed));
    seed_json_integer(&json, "half", atomic_load(&counts.half));
    seed_json_integer(&json, "gone", atomic_load(&counts.gone));
    seed_json_integer(&json, "stalls", atomic_load(&counts.stalls));
    seed_json_integer(&json, "received", atomic_load(&counts.received));
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static struct flags read_flags(int argc, char **argv)
{
    struct flags flags = { .host = "127.0.0.1" };

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];

        if (!strcmp(argv[i], "--host"))
            flags.host = value;
        if (!strcmp(argv[i], "--port"))
            flags.port = atoi(value);
        if (!strcmp(argv[i], "--unix"))
            flags.unix_path = value;
        if (!strcmp(argv[i], "--workers"))
            flags.options.workers = (unsigned)atoi(value);
        if (!strcmp(argv[i], "--grace"))
            flags.options.grace = (unsigned)atoi(value);
        if (!strcmp(argv[i], "--body-stall"))
            flags.options.body_stall = (size_t)atoi(value);
    }
    return flags;
}

static void keep_counts(seed_server *server)
{
    seed_on(server, SEED_ON_PRE, count_event, &counts.begun);
    seed_after(server, count_event, &counts.after);
    seed_on(server, SEED_ON_BAD_REQUEST, count_event, &counts.bad);
    seed_on(server, SEED_ON_OPEN, count_event, &counts.open);
    seed_on(server, SEED_ON_CLOSE, count_event, &counts.closed);
    seed_get(server, "/counts", tell_counts, NULL);
}

/* The last line: what began and what ended. */
static void tell_end(void)
{
    printf("begun %ld after %ld open %ld closed %ld\n",
        atomic_load(&counts.begun), atomic_load(&counts.after),
        atomic_load(&counts.open), atomic_load(&counts.closed));
}

/* Listens, says where, and serves. */
static inline int serve(seed_server *server, const struct flags *flags)
{
    int error;

    if (flags->unix_path)
        seed_listen_unix(server, flags->unix_path);
    else
        seed_listen(server, flags->host, flags->port);
    if (!seed_server_error(server)) {
        puts(seed_server_url(server));
        fflush(stdout);
    }

    error = seed_run(server);
    if (error)
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    tell_end();
    return error ? 1 : 0;
}

#endif
