/* SPDX-License-Identifier: MIT */
/* Answers that take time: timers, streams, bodies that stream in, threads,
 * requests that are never answered. */
#include "common.h"

#include <unistd.h>

struct later {
    seed_req *req;
    seed_res *res;
    seed_timer *timer;
    size_t left;
    bool begun;
};

static char piece[65536];

static struct later *later_new(seed_req *req, seed_res *res)
{
    struct later *later = seed_req_alloc(req, sizeof *later);

    if (later)
        *later = (struct later){ .req = req, .res = res };
    return later;
}

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static void send_late(void *ctx)
{
    struct later *later = ctx;

    seed_timer_stop(later->timer);
    seed_resume(later->req, seed_send_text(later->res, 200, "late"));
}

static void note_half(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)req;
    (void)ctx;
    atomic_fetch_add(state == SEED_GONE ? &counts.gone : &counts.half, 1);
}

static seed_step slow(seed_req *req, seed_res *res, void *ctx)
{
    struct later *later = later_new(req, res);
    unsigned wait = (unsigned)atoi(seed_req_param(req, "ms"));

    (void)ctx;
    if (!later)
        return seed_fail(res, 503, "no memory");
    seed_on_peer(req, note_half, NULL);
    later->timer = seed_timer_start(seed_req_worker(req), wait, false,
        send_late, later);
    return SEED_WAIT;
}

/* The request is answered by nobody; it ends when its client goes. */
static void let_go(seed_req *req, enum seed_peer_state state, void *ctx)
{
    note_half(req, state, ctx);
    if (state == SEED_GONE)
        seed_resume(req, SEED_STOP);
}

static seed_step never(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_on_peer(req, let_go, ctx);
    return SEED_WAIT;
}

/* One piece a turn. */
static void stream_piece(void *ctx)
{
    struct later *later = ctx;
    seed_worker *worker = seed_req_worker(later->req);

    if (!later->left) {
        seed_resume(later->req, seed_stream_end(later->res));
        return;
    }

    later->left--;
    if (seed_stream_write(later->res, piece, 1000) < 0 ||
        seed_next_turn(worker, stream_piece, later))
        seed_resume(later->req, seed_stream_abort(later->res));
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    struct later *later = later_new(req, res);

    (void)ctx;
    if (!later)
        return seed_fail(res, 503, "no memory");
    later->left = strtoul(seed_req_param(req, "pieces"), NULL, 10);
    seed_res_set(res, "Content-Type", "text/plain");
    if (seed_stream_open(res, 200, SEED_UNLIMITED) ||
        seed_next_turn(seed_req_worker(req), stream_piece, later))
        return SEED_STOP;
    return SEED_WAIT;
}

/* As much as the client takes: stops at 1, goes on in the drain hook. */
static void pump(seed_res *res, void *ctx)
{
    struct later *later = ctx;

    while (later->left) {
        int told = seed_stream_write(res, piece, sizeof piece);

        /* Gone: the peer hook resumes, here or later. */
        if (told < 0)
            return;
        later->left--;
        if (told == 1) {
            atomic_fetch_add(&counts.stalls, 1);
            return;
        }
    }
    later->begun = false;
    seed_resume(later->req, seed_stream_end(res));
}

static void pump_over(seed_req *req, enum seed_peer_state state, void *ctx)
{
    struct later *later = ctx;

    note_half(req, state, NULL);
    if (state == SEED_GONE && later->begun)
        seed_resume(req, SEED_STOP);
}

static void pump_first(void *ctx)
{
    struct later *later = ctx;

    if (seed_req_peer_state(later->req) == SEED_GONE) {
        seed_resume(later->req, SEED_STOP);
        return;
    }
    later->begun = true;
    pump(later->res, later);
}

static seed_step flood(seed_req *req, seed_res *res, void *ctx)
{
    struct later *later = later_new(req, res);

    (void)ctx;
    if (!later)
        return seed_fail(res, 503, "no memory");
    later->left = strtoul(seed_req_param(req, "pieces"), NULL, 10);
    if (seed_stream_open(res, 200, later->left * sizeof piece))
        return SEED_STOP;
    seed_on_drain(res, pump, later);
    seed_on_peer(req, pump_over, later);
    if (seed_next_turn(seed_req_worker(req), pump_first, later))
        return seed_stream_abort(res);
    return SEED_WAIT;
}

static seed_step cut_short(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_stream_open(res, 200, 10);
    seed_stream_write(res, "12345", 5);
    return seed_stream_end(res);
}

static seed_step fail_in_stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_stream_write(res, "half", 4);
    return seed_fail(res, 500, "in the middle");
}

static void take_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    size_t *sum = ctx;

    *sum += length;
    atomic_fetch_add(&counts.received, (long)length);
    if (!bytes)
        seed_resume(req, seed_send_text(seed_req_res(req), 200,
            seed_req_printf(req, "%zu", *sum)));
}

static seed_step upload(seed_req *req, seed_res *res, void *ctx)
{
    size_t *sum = seed_req_alloc(req, sizeof *sum);

    (void)res;
    (void)ctx;
    *sum = 0;
    return seed_on_body(req, SEED_UNLIMITED, take_piece, sum);
}

/* Rests after every piece, so that a fast client is slowed down. */
static void go_on(void *ctx)
{
    struct later *later = ctx;

    seed_timer_stop(later->timer);
    later->timer = NULL;
    seed_body_resume(later->req);
}

static void take_and_rest(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    struct later *later = ctx;

    take_piece(req, bytes, length, &later->left);
    if (!bytes)
        return;
    seed_body_pause(req);
    later->timer = seed_timer_start(seed_req_worker(req), 5, false, go_on,
        later);
}

static void rest_over(void *ctx)
{
    struct later *later = ctx;

    seed_timer_stop(later->timer);
}

static seed_step upload_slowly(seed_req *req, seed_res *res, void *ctx)
{
    struct later *later = later_new(req, res);

    (void)ctx;
    seed_req_cleanup(req, rest_over, later);
    return seed_on_body(req, SEED_UNLIMITED, take_and_rest, later);
}

static void work(void *ctx)
{
    (void)ctx;
    usleep(20000);
}

static seed_step worked(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "worked");
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_offload(req, work, worked, ctx);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(&flags.options);

    memset(piece, 'x', sizeof piece);
    keep_counts(server);
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/slow/:ms", slow, NULL);
    seed_get(server, "/never", never, NULL);
    seed_get(server, "/stream/:pieces", stream, NULL);
    seed_get(server, "/flood/:pieces", flood, NULL);
    seed_get(server, "/short", cut_short, NULL);
    seed_get(server, "/broken", fail_in_stream, NULL);
    seed_get(server, "/offload", offload, NULL);
    seed_post(server, "/upload", upload, NULL);
    seed_post(server, "/slowly", upload_slowly, NULL);
    return serve(server, &flags);
}
