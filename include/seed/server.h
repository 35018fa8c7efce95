/* SPDX-License-Identifier: MIT */
#ifndef SEED_SERVER_H
#define SEED_SERVER_H

#include <seed/types.h>

SEED_BEGIN_C

/** How a server is made. Zero in a field means its default, so
 *  `&(struct seed_options){0}` is a good server. Strings are copied. */
struct seed_options {
    /** The value of the Server field. NULL: "libseed". "": no such field. */
    const char *name;

    /** Event loops, each with a thread, an evhttp and a listener of its own;
     *  worker 0 is the thread of seed_run(). 0: 1. At most 256. */
    unsigned workers;

    /** The application's own loop, borrowed; it must outlive the server. The
     *  server then runs when the application runs its loop, after
     *  seed_start(). NULL: the server makes its own loops. Not together with
     *  more than one worker. */
    struct event_base *base;

    /** The application's own evhttp on `base`, borrowed; it must outlive the
     *  server. What it listens on, libseed serves, and what no route matches
     *  goes to the application's own callbacks. Set no bevcb on it. */
    struct evhttp *evhttp;

    /* Routing. */
    bool no_implied_head;      /* HEAD is not answered by GET's route       */
    bool no_automatic_options; /* OPTIONS is not answered with Allow        */

    /* Limits of a request head (RFC 9112 3; 9110 15.5.15). */
    size_t max_request_line; /* bytes, 0: 8,192; over it 414                */
    size_t max_field;        /* bytes of one field line, 0: 8,192; 431      */
    size_t max_head;         /* bytes, 0: 32,768, at most 65,535; 431       */
    size_t max_fields;       /* 0: 100, at most 1,000; 431                  */

    /** Bytes of a request body read as a whole. 0: 1 MiB; over it 413. */
    size_t max_body;

    /** Bytes of an unread request body that are read and thrown away to keep
     *  the connection. 0: 65,536. */
    size_t max_drain;

    /** Bytes of answer that may wait for a slow client before
     *  seed_stream_write() says so. 0: 262,144. */
    size_t max_output;

    /* Deadlines in milliseconds, kept to half a second, or to a quarter of the
     * shortest of them and of TLS's handshake_timeout; SEED_UNLIMITED: none.
     * docs/guide/limits.md has all.                                         */
    size_t first_byte_deadline; /* of a new connection, 0: 10,000; closed    */
    size_t head_deadline;    /* from its first byte, 0: 10,000; 408          */
    size_t idle_deadline;    /* between two requests, 0: 5,000; closed       */
    size_t body_deadline;    /* a body as a whole, 0: 300,000; 408, or cut   */
    size_t body_stall;       /* no byte of it, 0: 20,000; the same           */
    size_t min_body_rate;    /* bytes a second when it has taken longer than
                              * body_stall, 0: 500; the same                 */
    size_t write_stall;      /* no byte is taken, 0: 30,000; cut             */
    size_t linger;           /* reading behind the last answer, 0: 2,000     */
    size_t handler_deadline; /* 0: none; 503, or cut; seed_route_deadline()  */

    /* Limits of connections; SEED_UNLIMITED: none. */
    size_t max_requests;     /* of one connection, 0: 1,000; its last answer
                              * says so                                      */
    size_t max_age;          /* milliseconds, 0: 3,600,000; the same         */
    size_t max_connections;  /* of all workers; more wait in the kernel. 0:
                              * what RLIMIT_NOFILE leaves, at most 10,000    */
    size_t max_per_address;  /* of one IPv4 address or IPv6 /64, 0: no limit;
                              * more are closed at once                      */
    size_t max_rate_per_address; /* connections that it may open in a second,
                              * 0: no limit; more are closed at once, before
                              * a handshake                                  */
    size_t max_in_flight;    /* requests, an equal part for each worker, 0:
                              * 1,000; 503 with Retry-After;
                              * seed_route_exempt()                          */

    /** Members of one hook's list before a warning. 0: 10. */
    size_t max_hooks;

    /** Threads for seed_offload(), started when first used. 0: 4. */
    unsigned offload_threads;

    /** Milliseconds that SIGINT and SIGTERM leave to requests in flight.
     *  0: 30,000. */
    unsigned grace;

    /** seed_run() leaves SIGINT and SIGTERM alone. */
    bool no_signals;

    /** Where libseed's own warnings go, instead of stderr: one line without
     *  its line end, borrowed for the call. Any worker's thread. What handlers
     *  do wrong (no answer, two of them, JSON that is not whole) is said once a
     *  second of each kind and worker, and then how many more there were. */
    void (*warn)(const char *line, void *ctx);
    void *warn_ctx;

    /** No warning of hooks that become more with every request; see
     *  seed_set_max_hooks(). */
    bool let_hooks_grow;

    /** seed_run() does not ask the environment for watchers (watch.h), as it
     *  should not for the second server of a process. */
    bool no_environment;
};

/** Makes a server. Owned: free it with seed_server_free().
 *
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns NULL only when memory is exhausted. Every setup call accepts that
 *  NULL and does nothing, and seed_listen() and seed_run() then return
 *  SEED_ENOMEM: a setup reads as a table and asks once, at its end. */
#define seed_server_new(...) \
    seed_server_new_sized((__VA_ARGS__), sizeof(struct seed_options))
SEED_API seed_server *seed_server_new_sized(const struct seed_options *options,
    size_t size);

/** Frees a server that does not run; NULL does nothing. Open connections are
 *  closed and requests in flight end with their `after`. A request that some
 *  thread still holds by SEED_WAIT stays valid until its seed_resume().
 *
 *  Thread: that of seed_run(), or of the application's loop. */
SEED_API void seed_server_free(seed_server *server);

/** The first thing that went wrong while the server was set up, as a whole
 *  sentence with the place and the reason, or NULL. Borrowed from the server.
 *  For a NULL server: the sentence of SEED_ENOMEM. */
SEED_API const char *seed_server_error(const seed_server *server);

/** Keeps an error of the setup and its sentence, as libseed does: for plugins
 *  and watchers. The first one stays.
 *
 *  error   one of enum seed_error
 *
 *  Returns the error that is kept, or SEED_ESTATE when setup is over. */
SEED_API int seed_setup_fail(seed_server *server, int error,
    const char *format, ...) SEED_PRINTF(3, 4);

/** Opens a TCP listener. May be called several times.
 *
 *  host  an IPv4 or IPv6 address; "localhost" for both loopbacks; "*" for all
 *        addresses of both families. Never asks a name server. Copied
 *  port  0 to 65,535; 0 takes a free one, see seed_server_port()
 *
 *  Returns 0, or the server's first setup error. After it, setup is over for
 *  routes and handlers. */
SEED_API int seed_listen(seed_server *server, const char *host, int port);

/** Opens a Unix socket at `path` (copied), which is removed when the server is
 *  freed. A socket file that nobody listens on any more is replaced. Returns
 *  like seed_listen(). */
SEED_API int seed_listen_unix(seed_server *server, const char *path);

/** Listens on an inherited socket that is bound and listening.
 *
 *  fd  taken, also on failure. Returns like seed_listen(). */
SEED_API int seed_listen_fd(seed_server *server, int fd);

/** The port of the first TCP listener, or 0 when there is none. */
SEED_API int seed_server_port(const seed_server *server);

/** The address of the first listener, "http://localhost:3000" or
 *  "unix:/path", or "" when there is none. Borrowed from the server. */
SEED_API const char *seed_server_url(const seed_server *server);

/** Starts the workers and serves until seed_stop() or, unless the options say
 *  `no_signals`, SIGINT or SIGTERM. A second signal ends at once.
 *
 *  Returns 0 after an orderly end; SEED_ECUT when a second signal or the end
 *  of the grace has cut requests off; or the first setup error. Not for a
 *  server on the application's own loop: that one has seed_start(). */
SEED_API int seed_run(seed_server *server);

/** Starts serving on the application's own loop, which the application runs.
 *  Returns 0, or the first setup error. */
SEED_API int seed_start(seed_server *server);

/** True when the server was made for a loop of the application's. Any thread.
 */
SEED_API bool seed_server_embedded(const seed_server *server);

/** Ends the server: listeners close first, behind whom the kernel has let in
 *  already; requests in flight get their answers with `Connection: close`; a
 *  connection that stays idle closes after a second, for a request may be on
 *  its way to it, and gets its answer.
 *
 *  grace  milliseconds after which what is left is cut off; 0: at once
 *
 *  Any thread, and more than once (the shorter grace wins). seed_run()
 *  returns when all is done; SEED_ON_STOP tells on the application's loop. */
SEED_API void seed_stop(seed_server *server, unsigned grace);

/** True from seed_stop() or a signal on. Any thread. */
SEED_API bool seed_stopping(const seed_server *server);

/** Gives what libseed, libevent, jansson and OpenSSL allocate to functions of
 *  your own. Call it before anything else of these libraries; the functions
 *  must be safe in any thread. Returns 0, or SEED_ESTATE when it is too late.
 */
SEED_API int seed_use_allocator(void *(*allocate)(size_t size),
    void *(*resize)(void *memory, size_t size), void (*release)(void *memory));

/** A place of a plugin's own in a server, as seed_route_set() is in a route.
 *
 *  key      any address that is the caller's own; borrowed
 *  value    NULL takes it away (and does not release it)
 *  release  called with the value when the server is freed, behind the last
 *           event; NULL: nothing is
 *
 *  Set before the server runs; read by any thread. Returns 0, SEED_ENOMEM or
 *  SEED_ESTATE, and then nothing is released. */
SEED_API int seed_server_set(seed_server *server, const void *key, void *value,
    void (*release)(void *value));
SEED_API void *seed_server_slot(const seed_server *server, const void *key);

/** Memory from where libseed takes its own, for plugins and watchers.
 *
 *  memory  NULL, or what this function returned before, which is taken
 *  size    bytes; not 0
 *
 *  Returns memory that is owned (seed_release()), or NULL, and `memory` is
 *  then still the caller's. Any thread. */
SEED_API void *seed_resize(void *memory, size_t size);
SEED_API void seed_release(void *memory);

SEED_END_C

#endif
