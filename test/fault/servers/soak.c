/* SPDX-License-Identifier: MIT */
/* One of everything, for hours: the server of `make soak`. Listens twice, in
 * clear text and by TLS; counts the bytes that libseed, libevent, jansson and
 * OpenSSL hold, which GET /memory tells. Deadlines are the defaults, but that
 * for idle connections: 5 s would also end one whose client only waits for a
 * processor.
 *
 *     soak --cert FILE --key FILE --file FILE [--workers N] */
#include "fault/servers/jobs.h"

#include <jansson.h>
#include <malloc.h>
#include <unistd.h>
#include <zlib.h>

/* Whole alphabets, so that a stream is one alphabet after the other. */
enum { PIECE = 26 * 1024, ZIP_LEAST = 256, ZIP_ROOM = 512 };

static char piece[PIECE];
static const char *file_path;

/* --- the allocator -------------------------------------------------------- */

static atomic_long held_bytes, held_blocks;

static void count_block(void *memory, long sign)
{
    if (!memory)
        return;
    atomic_fetch_add(&held_bytes, sign * (long)malloc_usable_size(memory));
    atomic_fetch_add(&held_blocks, sign);
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    count_block(memory, 1);
    return memory;
}

static void release(void *memory)
{
    count_block(memory, -1);
    free(memory);
}

static void *resize(void *memory, size_t size)
{
    void *larger;

    count_block(memory, -1);
    larger = realloc(memory, size);
    count_block(larger ? larger : memory, 1);
    return larger;
}

static seed_step tell_memory(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_printf(req, "%ld %ld",
        atomic_load(&held_bytes), atomic_load(&held_blocks)));
}

/* --- small answers -------------------------------------------------------- */

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static seed_step user(seed_req *req, seed_res *res, void *ctx)
{
    const char *id = seed_req_param(req, "id");

    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:s, s:i, s:[s,s]}",
        "id", id, "length", (int)strlen(id), "tags", "a", "b"));
}

static seed_step written(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;
    int rows = atoi(seed_req_param(req, "rows"));

    (void)ctx;
    seed_json_start(&json, res);
    seed_json_array(&json, NULL);
    for (int i = 0; i < rows; i++)
        seed_json_integer(&json, NULL, i);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_file(res, 200, file_path);
}

/* --- compression, as an application might do it --------------------------- */

static void compress_answer(const seed_event *event, void *ctx)
{
    const char *accepted = seed_req_header(event->req, "Accept-Encoding");
    z_stream zip = { 0 };
    size_t length;
    const char *bytes = seed_res_bytes(event->res, &length);
    unsigned char *out;

    (void)ctx;
    if (!accepted || !strstr(accepted, "gzip") || !bytes || length < ZIP_LEAST)
        return;
    out = seed_req_alloc(event->req, length + ZIP_ROOM);
    if (!out || deflateInit2(&zip, 1, Z_DEFLATED, 15 + 16, 8,
            Z_DEFAULT_STRATEGY))
        return;
    zip.next_in = (unsigned char *)(uintptr_t)bytes;
    zip.avail_in = (unsigned)length;
    zip.next_out = out;
    zip.avail_out = (unsigned)length + ZIP_ROOM;
    if (deflate(&zip, Z_FINISH) == Z_STREAM_END) {
        seed_res_change_body(event->res, out, zip.total_out);
        seed_res_set(event->res, "Content-Encoding", "gzip");
    }
    deflateEnd(&zip);
}

/* --- bodies --------------------------------------------------------------- */

static seed_step read_whole(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_static(res, 200, body, length);
}

static seed_step add_up(seed_req *req, seed_res *res, void *ctx)
{
    json_t *list = seed_req_json(req), *value;
    json_int_t sum = 0;
    size_t i;

    (void)ctx;
    json_array_foreach(list, i, value)
        sum += json_integer_value(value);
    return seed_send_json(res, 200, json_pack("{s:I}", "sum", sum));
}

struct poured {
    size_t length;
    uLong sum;
    seed_req *req;
    seed_timer *rest;
};

static void go_on(void *ctx)
{
    struct poured *poured = ctx;

    seed_timer_stop(poured->rest);
    poured->rest = NULL;
    seed_body_resume(poured->req);
}

static void stop_rest(void *ctx)
{
    struct poured *poured = ctx;

    seed_timer_stop(poured->rest);
}

/* Rests a millisecond after every piece, so that its client must wait. */
static void take_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    struct poured *poured = ctx;

    if (!bytes) {
        seed_resume(req, seed_send_text(seed_req_res(req), 200,
            seed_req_printf(req, "%zu %lu", poured->length, poured->sum)));
        return;
    }
    poured->length += length;
    poured->sum = crc32(poured->sum, (const unsigned char *)bytes,
        (unsigned)length);
    seed_body_pause(req);
    poured->rest = seed_timer_start(seed_req_worker(req), 1, false, go_on,
        poured);
}

static seed_step pour(seed_req *req, seed_res *res, void *ctx)
{
    struct poured *poured = seed_req_alloc(req, sizeof *poured);

    (void)res;
    (void)ctx;
    *poured = (struct poured){ .req = req };
    seed_req_cleanup(req, stop_rest, poured);
    return seed_on_body(req, SEED_UNLIMITED, take_piece, poured);
}

/* --- answers that take time ----------------------------------------------- */

static void work(void *ctx)
{
    struct job *job = ctx;

    job->sum = crc32(0, (const unsigned char *)piece, sizeof piece);
    usleep(2000);
}

static seed_step tell_sum(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = ctx;

    return seed_send_text(res, 200, seed_req_printf(req, "%lu", job->sum));
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_offload(req, work, tell_sum, job_new(req, res));
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return stream_pieces(req, res, piece, sizeof piece,
        seed_req_query(req, "sized"));
}

static seed_step reload(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    if (seed_tls_reload(seed_req_server(req)))
        return seed_fail(res, 500, "the certificate is not good");
    return seed_send(res, 204);
}

/* --- the server ----------------------------------------------------------- */

static void add_routes(seed_server *server)
{
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/users/:id", user, NULL);
    seed_get(server, "/rows/:rows", written, NULL);
    seed_get(server, "/file", file, NULL);
    seed_get(server, "/late/:ms", late, NULL);
    seed_get(server, "/offload", offload, NULL);
    seed_get(server, "/stream/:pieces", stream, NULL);
    seed_get(server, "/broken", fail_in_stream, NULL);
    seed_get(server, "/memory", tell_memory, NULL);
    seed_post(server, "/pour", pour, NULL);
    seed_post(server, "/reload", reload, NULL);
    seed_route_then(seed_post(server, "/echo", read_whole, NULL), echo, NULL);
    seed_route_then(seed_post(server, "/sum", seed_parse_json, NULL), add_up,
        NULL);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    struct seed_tls_options tls = { 0 };
    seed_server *server;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--cert"))
            tls.cert = argv[i + 1];
        if (!strcmp(argv[i], "--key"))
            tls.key = argv[i + 1];
        if (!strcmp(argv[i], "--file"))
            file_path = argv[i + 1];
    }
    for (size_t i = 0; i < sizeof piece; i++)
        piece[i] = (char)('a' + i % 26);

    seed_use_allocator(allocate, resize, release);
    flags.options.idle_deadline = 60000;
    server = seed_server_new(&flags.options);
    seed_watch(server, &(struct seed_watch){ .metrics = true, .ledger = true,
        .lag = true });
    seed_use(server, seed_conditional, NULL);
    seed_on(server, SEED_ON_SEND, compress_answer, NULL);
    keep_counts(server);
    add_routes(server);
    seed_listen_tls(server, "127.0.0.1", 0, &tls);
    return serve(server, &flags);
}
