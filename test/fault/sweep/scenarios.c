/* SPDX-License-Identifier: MIT */
/* Every allocation fails once. A scenario is a server's whole life around one
 * request; it is lived with its first allocation failing, then with its
 * second, and so on, until none is left to fail. Allocations are those of
 * libseed, libevent, jansson and OpenSSL together (seed_use_allocator()).
 *
 * Whatever fails: nothing crashes, nothing stays allocated, and a server that
 * came to serve answers the next request.
 *
 *     sweep [SCENARIO]     all of them, or one; "sweep: N passed, M failed" */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>
#include <seed.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TURNS = 10000, MOST = 20000 };

/* --- the allocator -------------------------------------------------------- */

static _Atomic long left = -1, live;
static _Atomic bool failed;

static bool fails_now(void)
{
    long now = left;

    if (now < 0)
        return false;
    left = now - 1;
    failed = failed || now == 0;
    return now == 0;
}

static void *allocate(size_t size)
{
    void *memory = fails_now() ? NULL : malloc(size);

    live += memory != NULL;
    return memory;
}

static void *resize(void *memory, size_t size)
{
    void *larger = fails_now() ? NULL : realloc(memory, size);

    live += larger && !memory;
    return larger;
}

static void release(void *memory)
{
    live -= memory != NULL;
    free(memory);
}

/* --- one life ------------------------------------------------------------- */

struct life {
    struct event_base *base;
    seed_server *server;
    struct sockaddr_un address;
    char reply[20000];
    size_t length;
    unsigned begun, ended;
};

static void turn(struct life *life, int fd)
{
    ssize_t got;

    event_base_loop(life->base, EVLOOP_NONBLOCK);
    while (fd >= 0 && life->length + 1 < sizeof life->reply
        && (got = recv(fd, life->reply + life->length,
                sizeof life->reply - 1 - life->length, MSG_DONTWAIT)) > 0)
        life->length += (size_t)got;
    life->reply[life->length] = '\0';
}

static int connect_to(struct life *life)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&life->address,
            sizeof life->address)) {
        perror("sweep: connect");
        exit(3);
    }
    return fd;
}

/* Sends a request and waits until its answer, or the connection, is over. */
static void ask(struct life *life, const char *request)
{
    int fd = connect_to(life);

    life->length = 0;
    for (int i = 0; i < 4; i++)
        turn(life, fd);
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        goto out;
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < TURNS; i++) {
        turn(life, fd);
        if (i > 20 && life->begun == life->ended)
            break;
        if (i > 20)
            usleep(200); /* the pool's threads are at it */
    }
out:
    close(fd);
    for (int i = 0; i < 8; i++)
        turn(life, -1);
}

/* --- handlers ------------------------------------------------------------- */

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step send_value(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:[i,s]}", "a", 1, "b"));
}

static seed_step write_value(seed_req *req, seed_res *res, void *ctx)
{
    static const char long_text[3000];
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_bytes(&json, "zeros", long_text, sizeof long_text);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step read_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 4000);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_bytes(res, 200, body, length);
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    static const char piece[2000];

    (void)req;
    (void)ctx;
    if (seed_stream_open(res, 200, SEED_UNLIMITED))
        return SEED_STOP;
    for (int i = 0; i < 5; i++)
        seed_stream_write(res, piece, sizeof piece);
    return seed_stream_end(res);
}

static void work(void *ctx)
{
    (void)ctx;
}

static seed_step send_off(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_offload(req, work, hello, NULL);
}

static void lent(struct evhttp_request *request, void *ctx)
{
    (void)ctx;
    evhttp_send_reply(request, 200, "OK", NULL);
}

static void more_hooks(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static seed_step add_hook(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_after(seed_req_server(req), more_hooks, NULL);
    return seed_send(res, 204);
}

/* --- scenarios ------------------------------------------------------------ */

static void set_hello(seed_server *server)
{
    (void)server;
}

static void set_json(seed_server *server)
{
    seed_get(server, "/json", send_value, NULL);
    seed_get(server, "/written", write_value, NULL);
}

static void set_bodies(seed_server *server)
{
    seed_route_then(seed_post(server, "/echo", read_it, NULL), echo, NULL);
    seed_route_then(seed_post(server, "/parse", seed_parse_body, NULL), hello,
        NULL);
}

static void set_stream(seed_server *server)
{
    seed_get(server, "/stream", stream, NULL);
}

static void set_conditional(seed_server *server)
{
    seed_use(server, seed_conditional, NULL);
}

static void set_lent(seed_server *server)
{
    seed_mount_evhttp(server, "/lent", lent, NULL);
}

static void set_offload(seed_server *server)
{
    seed_get(server, "/off", send_off, NULL);
}

static void set_hooks(seed_server *server)
{
    seed_set_max_hooks(server, SEED_UNLIMITED);
    seed_get(server, "/hook/:a/:b", add_hook, NULL);
}

static void set_watchers(seed_server *server)
{
    seed_watch(server, &(struct seed_watch){ .log = "/dev/null",
        .metrics = true, .ledger = true });
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    seed_get(server, "/ledger", seed_ledger_send,
        seed_watchers(server).ledger);
}

#define HEAD(line) line " HTTP/1.1\r\nHost: a\r\n"
#define BODY(line, type, length, body) \
    HEAD(line) "Content-Type: " type "\r\nContent-Length: " length \
    "\r\n\r\n" body

static const struct scenario {
    const char *name;
    void (*set_up)(seed_server *server);
    const char *request;
} scenarios[] = {
    { "start", set_hello, NULL },
    { "get", set_hello, HEAD("GET /") "\r\n" },
    { "head", set_hello, HEAD("HEAD /") "\r\n" },
    { "fields", set_hello, HEAD("GET /") "A: 1\r\nB: 2\r\nC: 3\r\n\r\n" },
    { "not found", set_hello, HEAD("GET /no/such") "\r\n" },
    { "not allowed", set_hello, HEAD("PUT /") "\r\n" },
    { "bad request", set_hello, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
    { "pipelined", set_hello, HEAD("GET /") "\r\n" HEAD("GET /") "\r\n" },
    { "json value", set_json, HEAD("GET /json") "\r\n" },
    { "json written", set_json, HEAD("GET /written") "\r\n" },
    { "echo", set_bodies, BODY("POST /echo", "a/b", "5", "12345") },
    { "chunked", set_bodies, HEAD("POST /echo")
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" },
    { "expect", set_bodies, HEAD("POST /echo")
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab" },
    { "parse json", set_bodies,
        BODY("POST /parse", "application/json", "13", "{\"a\":[1,2,3]}") },
    { "parse form", set_bodies, BODY("POST /parse",
        "application/x-www-form-urlencoded", "7", "a=1&b=2") },
    { "stream", set_stream, HEAD("GET /stream") "\r\n" },
    { "conditional", set_conditional,
        HEAD("GET /") "If-None-Match: \"x\"\r\n\r\n" },
    { "lent", set_lent, HEAD("GET /lent") "\r\n" },
    { "offload", set_offload, HEAD("GET /off") "\r\n" },
    { "hooks", set_hooks, HEAD("GET /hook/1/2?c=d") "\r\n" },
    { "watchers", set_watchers, HEAD("GET /") "\r\n" },
    { "metrics", set_watchers, HEAD("GET /metrics") "\r\n" },
    { "ledger", set_watchers, HEAD("GET /ledger") "\r\n" },
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(unsigned *)ctx;
}

static void say_nothing(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static seed_server *make(struct life *life, const struct scenario *scenario)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .base = life->base, .warn = say_nothing, .offload_threads = 1 });

    seed_on(server, SEED_ON_PRE, count, &life->begun);
    seed_after(server, count, &life->ended);
    seed_get(server, "/", hello, NULL);
    scenario->set_up(server);
    seed_listen_unix(server, life->address.sun_path);
    return server;
}

static struct life life;

/* What is wrong, or NULL. */
static const char *live_once(const struct scenario *scenario, long fail_at,
    const char *path)
{
    const char *wrong = NULL;

    life = (struct life){ .address = { .sun_family = AF_UNIX } };
    snprintf(life.address.sun_path, sizeof life.address.sun_path, "%s", path);
    life.base = event_base_new();
    failed = false;
    left = fail_at;
    life.server = make(&life, scenario);
    if (!seed_start(life.server)) {
        if (scenario->request)
            ask(&life, scenario->request);
        left = -1;
        ask(&life, HEAD("GET /") "\r\n");
        if (strncmp(life.reply, "HTTP/1.1 200 ", 13))
            wrong = "the next request is not answered";
        if (life.begun != life.ended)
            wrong = "after has not run for each request";
        seed_stop(life.server, 0);
        for (int i = 0; i < 20; i++)
            turn(&life, -1);
    } else if (!failed) {
        wrong = "it does not start";
    }
    left = -1;
    seed_server_free(life.server);
    event_base_free(life.base);
    return wrong;
}

static int sweep(const struct scenario *scenario, const char *path,
    long *reached)
{
    const char *wrong = NULL;
    long before, n;

    /* What libraries keep for the life of the process is there then. */
    for (int i = 0; i < 3 && !wrong; i++)
        wrong = live_once(scenario, -1, path);
    before = live;
    for (n = 0; n < MOST && !wrong; n++) {
        *reached = n;
        wrong = live_once(scenario, n, path);
        if (!wrong && live > before) {
            /* A library may keep something from its first error on, as
             * OpenSSL does; what leaks is there twice after two. */
            before = live;
            wrong = live_once(scenario, n, path);
            if (!wrong && live > before)
                wrong = "memory is left";
        }
        if (!failed)
            break;
    }
    if (!wrong && !n)
        wrong = "there was nothing to fail";
    if (wrong)
        printf("  %-14s allocation %ld: %s (%ld left, answered \"%.20s\")\n",
            scenario->name, *reached, wrong, live - before, life.reply);
    else
        printf("  %-14s %6ld allocations\n", scenario->name, n);
    return wrong != NULL;
}

/* In a process of its own: who dies is told of, and the others go on. */
static bool run(const struct scenario *scenario, const char *path,
    long *reached)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (!child) {
        if (seed_use_allocator(allocate, resize, release))
            _exit(4);
        exit(sweep(scenario, path, reached));
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) || WEXITSTATUS(status) > 1)
        printf("  %-14s allocation %ld: status %x\n", scenario->name,
            *reached, (unsigned)status);
    return status == 0;
}

static void quiet(int severity, const char *message)
{
    (void)severity;
    (void)message;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/seed-sweep-XXXXXX", path[64];
    long *reached = mmap(NULL, sizeof *reached, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int passed = 0, bad = 0;

    event_set_log_callback(quiet);
    if (reached == MAP_FAILED || !mkdtemp(folder)) {
        perror("sweep");
        return 2;
    }
    snprintf(path, sizeof path, "%s/s", folder);
    for (int i = 0; i < SCENARIOS; i++) {
        if (argc > 1 && strcmp(argv[1], scenarios[i].name))
            continue;
        if (run(&scenarios[i], path, reached))
            passed++;
        else
            bad++;
    }
    unlink(path);
    rmdir(folder);
    printf("sweep: %d passed, %d failed\n", passed, bad);
    return bad || !passed;
}
