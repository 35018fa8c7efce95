/* SPDX-License-Identifier: MIT */
#ifndef SEED_ADMIN_H
#define SEED_ADMIN_H

#include <seed/types.h>

SEED_BEGIN_C

/* A second server for those who run the first one. It has a loop and a thread
 * of its own, so that it answers while the loops that it tells of are blocked.
 *
 *     seed_admin *admin = seed_admin_add(server,
 *         &(struct seed_admin_options){ .address = "localhost:9000" });
 *
 *     seed_get(seed_admin_server(admin), "/metrics", seed_metrics_send,
 *         metrics);
 *
 * | path     | what                                                        |
 * |----------|-------------------------------------------------------------|
 * | /        | a list of these                                             |
 * | /healthz | 200, and how long each loop has been busy without a pause;  |
 * |          | 503 when one has for longer than ?busy=MILLISECONDS         |
 * | /readyz  | 200 while the server serves; 503 before it, and from        |
 * |          | seed_stop() on, while it still drains                       |
 * | /routes  | routes, handlers and hooks, with the lines that add them    |
 *
 * Answers are JSON, or pages to read where Accept prefers text/html, as that
 * of a browser does. seed_watch() adds /metrics and /ledger, and /doctor and
 * /flame, which record for ?seconds=10 and answer in a ?format= of their own.
 */

/** The admin listener of one server. */
typedef struct seed_admin seed_admin;

/** How it is reached. Copied. */
struct seed_admin_options {
    /** "unix:/run/app.sock", "localhost:9000", "127.0.0.1:9000", "[::1]:9000",
     *  or "9000", which is on localhost; port 0 takes a free one. Any other
     *  address needs a token. */
    const char *address;

    /** What clients must send: "Authorization: Bearer TOKEN". Visible ASCII
     *  without blanks. NULL: nothing; then a TCP client must name this machine
     *  in Host, so that no page of the web reads along (DNS rebinding). */
    const char *token;
};

/** Adds the admin listener to a server that does not run yet. It starts, stops
 *  and is freed with that server, whose stop never waits for it.
 *
 *  server   borrowed
 *  options  borrowed for the call
 *
 *  Returns the listener, borrowed from the server; or NULL, and the server
 *  keeps the error. Calls on NULL do nothing. */
#define seed_admin_add(server, ...) \
    seed_admin_add_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_admin_options))
SEED_API seed_admin *seed_admin_add_sized(seed_server *server,
    const struct seed_admin_options *options, size_t size);

/** The admin listener that a server has, or NULL. */
SEED_API seed_admin *seed_server_admin(const seed_server *server);

/** The server that answers there: routes may be added to it until it listens.
 *  Their handlers run on its thread, and may ask of the other server only what
 *  any thread may. They must not wait for it. */
SEED_API seed_server *seed_admin_server(seed_admin *admin);

/** Listens now, so that seed_admin_url() knows the port; otherwise that is
 *  done when the server starts to run. Answers come from then on. Where
 *  seed_admin_server() listens already, at an inherited socket for one, the
 *  address is not used. Returns 0, or the setup error of that server. */
SEED_API int seed_admin_listen(seed_admin *admin);

/** "http://localhost:9000", "unix:/run/app.sock", or "" while it does not
 *  listen. Borrowed. */
SEED_API const char *seed_admin_url(const seed_admin *admin);

SEED_END_C

#endif
