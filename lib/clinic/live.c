/* SPDX-License-Identifier: MIT */
/* GET /flame?seconds=10&format=html&hertz=99 and GET /doctor?seconds=10: the
 * request waits while the recording goes on, and takes it away when it ends
 * before. What is to be made of the recording takes a while, for functions get
 * their names from files: a thread of the pool makes it, so that the loop of
 * the admin listener answers a health check meanwhile.
 *
 * The request and that thread hold the recording together, for a client may go
 * while the report is made; who ends last frees it. The admin listener's loop
 * ends after the last report, as what it tells of is freed behind that. */
#include "clinic/live.h"

#include <seed/async.h>
#include <seed/doctor.h>
#include <seed/error.h>
#include <seed/flame.h>
#include <seed/hook.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/route.h>
#include <seed/server.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS = 10, MOST_SECONDS = 600, MOST_LIVE = 4 };

static const char key; /* of a request's recording */
static atomic_int now_live;

/* Reports that are being made, or are to be. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    unsigned count;
} reports = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

struct format {
    const char *name, *type;
    const char *file; /* what a browser is to save it as; NULL: it shows it */
    int number;
};

struct live {
    seed_req *req;
    seed_timer *timer; /* NULL: it has rung */
    seed_flame *flame;
    seed_doctor *doctor;
    const struct format *format;
    char *bytes;        /* of the report; NULL: none, or not yet */
    size_t length;
    atomic_int holders; /* the request, and who makes the report */
};

static const struct format flames[] = {
    { "html", "text/html; charset=utf-8", NULL, SEED_FLAME_HTML },
    { "json", "application/json", NULL, SEED_FLAME_JSON },
    { "folded", "text/plain; charset=utf-8", NULL, SEED_FLAME_FOLDED },
    { "pprof", "application/octet-stream", "flame.pb.gz", SEED_FLAME_PPROF },
    { "speedscope", "application/json", "flame.speedscope.json",
        SEED_FLAME_SPEEDSCOPE },
};

static const struct format doctors[] = {
    { "html", "text/html; charset=utf-8", NULL, SEED_DOCTOR_HTML },
    { "json", "application/json", NULL, SEED_DOCTOR_JSON },
    { "text", "text/plain; charset=utf-8", NULL, SEED_DOCTOR_TEXT },
};

/* --- what is asked for ---------------------------------------------------- */

/* A number from 1 to `most`, or 0 for what is none. */
static unsigned number(seed_req *req, const char *name, unsigned without,
    unsigned most)
{
    const char *text = seed_req_query(req, name);
    size_t length = text ? strlen(text) : 0;
    unsigned value;

    if (!text)
        return without;
    if (!length || length > 5 || strspn(text, "0123456789") != length)
        return 0;
    value = (unsigned)atoi(text);
    return value <= most ? value : 0;
}

static const struct format *find_format(seed_req *req,
    const struct format *from, size_t count)
{
    const char *name = seed_req_query(req, "format");

    for (size_t i = 0; i < count; i++)
        if (!name || !strcmp(from[i].name, name))
            return &from[i];
    return NULL;
}

/* --- waiting -------------------------------------------------------------- */

static void on_time(void *ctx)
{
    struct live *live = ctx;

    seed_timer_stop(live->timer);
    live->timer = NULL;
    seed_resume(live->req, SEED_NEXT);
}

/* Who closes looks like one who has shut his side and waits; a recording is
 * not worth the doubt. */
static void on_peer(seed_req *req, enum seed_peer_state state, void *ctx)
{
    struct live *live = ctx;

    (void)state;
    if (!live->timer)
        return;
    seed_timer_stop(live->timer);
    live->timer = NULL;
    seed_resume(req, SEED_STOP);
}

static void let_go(struct live *live)
{
    if (atomic_fetch_sub(&live->holders, 1) > 1)
        return;
    seed_flame_free(live->flame);
    seed_doctor_free(live->doctor);
    seed_release(live->bytes);
    atomic_fetch_sub(&now_live, 1);
}

/* Whatever became of the request. */
static void on_after(const seed_event *event, void *ctx)
{
    struct live *live = seed_req_slot(event->req, &key);

    (void)ctx;
    if (live)
        let_go(live);
}

static struct live *begin(seed_req *req)
{
    struct live *live = seed_req_alloc(req, sizeof *live);

    if (!live)
        return NULL;
    *live = (struct live){ .req = req, .holders = 1 };
    if (atomic_fetch_add(&now_live, 1) < MOST_LIVE
        && !seed_req_set(req, &key, live))
        return live;
    atomic_fetch_sub(&now_live, 1);
    return NULL;
}

static seed_step wait_for(struct live *live, seed_res *res, unsigned seconds)
{
    if (!live->flame && !live->doctor)
        return seed_fail(res, 503, "the recording cannot begin: %s",
            strerror(errno));
    live->timer = seed_timer_start(seed_req_worker(live->req), seconds * 1000,
        false, on_time, live);
    if (!live->timer)
        return seed_fail(res, 503, "memory is exhausted");
    seed_on_peer(live->req, on_peer, live);
    return SEED_WAIT;
}

static seed_step refuse(seed_res *res, const char *formats)
{
    return seed_fail(res, 400, "say ?seconds= from 1 to %d, &format= one of "
        "%s, or neither", MOST_SECONDS, formats);
}

static seed_step record_flame(seed_req *req, seed_res *res, void *ctx)
{
    unsigned seconds = number(req, "seconds", SECONDS, MOST_SECONDS);
    unsigned hertz = number(req, "hertz", 99, 1000);
    const struct format *format = find_format(req, flames,
        sizeof flames / sizeof *flames);
    struct live *live;

    (void)ctx;
    if (!hertz)
        return seed_fail(res, 400, "say &hertz= from 1 to 1000");
    if (!seconds || !format)
        return refuse(res, "html, json, folded, pprof, speedscope");
    live = begin(req);
    if (!live)
        return seed_fail(res, 503, "%d recordings are made already",
            MOST_LIVE);
    live->format = format;
    live->flame = seed_flame_start(
        &(struct seed_flame_options){ .hertz = hertz });
    return wait_for(live, res, seconds);
}

static seed_step record_doctor(seed_req *req, seed_res *res, void *ctx)
{
    unsigned seconds = number(req, "seconds", SECONDS, MOST_SECONDS);
    const struct format *format = find_format(req, doctors,
        sizeof doctors / sizeof *doctors);
    struct live *live;

    if (!seconds || !format)
        return refuse(res, "html, json, text");
    live = begin(req);
    if (!live)
        return seed_fail(res, 503, "%d recordings are made already",
            MOST_LIVE);
    live->format = format;
    live->doctor = seed_doctor_start(ctx, NULL);
    return wait_for(live, res, seconds);
}

/* --- answering ------------------------------------------------------------ */

static void count_report(int by)
{
    pthread_mutex_lock(&reports.lock);
    reports.count += (unsigned)by;
    if (by < 0)
        pthread_cond_broadcast(&reports.fewer);
    pthread_mutex_unlock(&reports.lock);
}

/* Whoever frees the watched server waits for this loop's thread first. */
static void await_reports(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    pthread_mutex_lock(&reports.lock);
    while (reports.count)
        pthread_cond_wait(&reports.fewer, &reports.lock);
    pthread_mutex_unlock(&reports.lock);
}

/* As on the listener's own thread: what is seen is the application. */
static void hide_from_samples(void)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

/* On the pool. */
static void render(void *ctx)
{
    struct live *live = ctx;

    hide_from_samples();
    if (live->flame) {
        seed_flame_stop(live->flame);
        live->bytes = seed_flame_render(live->flame,
            (enum seed_flame_format)live->format->number, &live->length);
    } else {
        seed_doctor_stop(live->doctor);
        live->bytes = seed_doctor_render(live->doctor,
            (enum seed_doctor_format)live->format->number, &live->length);
    }
    let_go(live);
    count_report(-1);
}

static seed_step answer(seed_req *req, seed_res *res, void *ctx)
{
    const struct live *live = ctx;

    if (!live->bytes)
        return seed_fail(res, 503, "memory is exhausted");
    seed_res_set(res, "Content-Type", live->format->type);
    seed_res_set(res, "Cache-Control", "no-store");
    /* The admin listener allows no scripts; a page says which are its own, by a
     * policy that it carries. */
    if (!strcmp(live->format->name, "html"))
        seed_res_set(res, "Content-Security-Policy", "frame-ancestors 'none'");
    if (live->format->file)
        seed_res_set(res, "Content-Disposition", seed_req_printf(req,
            "attachment; filename=\"%s\"", live->format->file));
    return seed_send_bytes(res, 200, live->bytes, live->length);
}

static seed_step send(seed_req *req, seed_res *res, void *ctx)
{
    struct live *live = seed_req_slot(req, &key);
    seed_step step;

    (void)res;
    (void)ctx;
    atomic_fetch_add(&live->holders, 1);
    count_report(1);
    step = seed_offload(req, render, answer, live);
    if (step == SEED_WAIT)
        return step;
    let_go(live);
    count_report(-1);
    return step;
}

void seed__live_routes(seed_server *admin, seed_server *watched)
{
    seed_after(admin, on_after, NULL);
    seed_on(admin, SEED_ON_STOP, await_reports, NULL);
    seed_route_then(seed_get(admin, "/doctor", record_doctor, watched), send,
        NULL);
    seed_route_then(seed_get(admin, "/flame", record_flame, watched), send,
        NULL);
}
