/* SPDX-License-Identifier: MIT */
/* Counts each request when it is over, on its worker's thread. */
#include "clinic/exam.h"

#include <string.h>

/* A request that began in this turn lay in its socket when the turn began, as
 * far as is known: it had come before the loop asked for it. */
static uint64_t waited_since(const seed_event *event)
{
    uint64_t begun = seed_req_begun(event->req);
    uint64_t turn = seed_worker_state(event->worker).busy_since;

    return turn && turn < begun ? turn : begun;
}

/* FNV-1a, by words: to know bytes again, and for nothing else. */
static uint64_t mix(const char *bytes, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u, word;

    for (; length >= sizeof word; length -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * 0x100000001b3u;
        hash ^= hash >> 29;
        bytes += sizeof word;
    }
    for (; length; length--)
        hash = (hash ^ (unsigned char)*bytes++) * 0x100000001b3u;
    return hash;
}

static uint64_t mix_text(const char *text)
{
    return text ? mix(text, strlen(text)) : 0;
}

/* The start of an answer tells whether it is the same: enough for advice. */
static uint64_t mix_body(const seed_res *res)
{
    enum { START = 4096 };
    size_t length = 0;
    const char *bytes = seed_res_bytes(res, &length);

    if (!bytes || !length)
        return 0;
    return mix(bytes, length < START ? length : START) + length;
}

static void look_closely(struct closely *closely, const seed_event *event)
{
    uint64_t url = mix_text(seed_req_url(event->req));
    uint64_t body = mix_body(event->res);
    uint64_t etag = mix_text(seed_res_header(event->res, "ETag"));
    struct looked *last = &closely->last[url % EXAM_URLS];

    counter_add(&closely->looked, 1);
    counter_add(&closely->has_etag, etag != 0);
    counter_add(&closely->asked,
        seed_req_header(event->req, "If-None-Match") != NULL);
    if (last->url == url) {
        counter_add(&closely->same_body, body && last->body == body);
        counter_add(&closely->same_etag, etag && last->etag == etag);
    }
    last->url = url;
    last->body = body;
    last->etag = etag;
}

static void count_status(struct desk *desk, const seed_event *event)
{
    int status = seed_res_status(event->res);
    unsigned class = status == 444 || status < 100 || status > 599
        ? 0 : (unsigned)status / 100;

    counter_add(&desk->statuses[class], 1);
    counter_add(&desk->not_modified, status == 304);
    if (status == 503 && seed_res_header(event->res, "Retry-After"))
        counter_add(&desk->shed, 1);
}

void seed__exam_count(const seed_event *event, void *ctx)
{
    struct desk *desk = seed_worker_slot(event->worker, ctx);
    uint64_t took;

    if (!desk)
        return;
    took = seed_now() - waited_since(event);
    count_status(desk, event);
    counter_add(&desk->sent, seed_res_wire_bytes(event->res));
    histogram_add(&desk->latency, took);
    seed__spread_add(&desk->precise, took, 1);
    if (++desk->number % EXAM_OF == 0)
        look_closely(&desk->closely, event);
}
