/* SPDX-License-Identifier: MIT */
/* Mode fast: fixed without hashes and without a tree of JSON values. The
 * timestamp is the ETag, the URL is the key, and the answer is written as
 * text. */
#include "shared.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The address of this byte names our place in a request. */
static const char etag_place;

/* Runs when a request is over: remembers the ETag of what was sent. */
static void store_etag(const seed_event *event, void *ctx)
{
    struct etagger *own = ctx;
    const char *etag = seed_req_slot(event->req, &etag_place);

    if (seed_res_status(event->res) != 200 || !etag)
        return;

    cache_store(&own->cache, seed_req_target(event->req), etag);
}

static void attach_after_event(struct etagger *own, seed_server *server)
{
    if (own->after_event_attached)
        return;

    own->after_event_attached = true;
    seed_after(server, store_etag, own);
}

/* The middleware: sets the ETag of the last answer to this URL. */
static seed_step etagger(seed_req *req, seed_res *res, void *ctx)
{
    struct etagger *own = etagger_of(ctx, req);
    const char *etag;

    own->attach_after_event(own, seed_req_server(req));

    etag = cache_find(&own->cache, seed_req_target(req));
    if (etag)
        seed_res_set(res, "Etag", etag);
    seed_res_set_unchecked(res, "Cache-Control", "public, max-age=120");
    return SEED_NEXT;
}

/* A timestamp as text, and how long that is. */
struct stamp {
    int64_t ts;
    size_t length;
    char text[24];
};

/* Written once for all the answers that have the same. */
static const struct stamp *stamp_of(int64_t ts)
{
    static _Thread_local struct stamp stamp = { .ts = -1 };

    if (stamp.ts != ts) {
        stamp.ts = ts;
        stamp.length = (size_t)snprintf(stamp.text, sizeof stamp.text,
            "%" PRId64, ts);
    }
    return &stamp;
}

/* The request's own copy, for the next one may have a new timestamp. */
static void keep_etag(seed_req *req, const struct stamp *stamp)
{
    char *etag = seed_req_alloc(req, sizeof stamp->text);

    if (etag)
        memcpy(etag, stamp->text, sizeof stamp->text);
    seed_req_set(req, &etag_place, etag);
}

static seed_step send_seed(seed_req *req, seed_res *res, const char *content)
{
    const struct stamp *stamp = stamp_of(timestamp());
    seed_json json;

    if (!content)
        return send_not_found(res);

    keep_etag(req, stamp);

    seed_json_start_spaced(&json, res);
    seed_json_reserve(&json, CONTENT_LENGTH + 100);
    seed_json_object(&json, NULL);
    seed_json_raw_string(&json, "data", content, CONTENT_LENGTH);
    seed_json_string(&json, "url", seed_req_target(req));
    seed_json_raw(&json, "ts", stamp->text, stamp->length);
    seed_json_end(&json);
    return seed_json_send_untyped(&json, 200);
}

static seed_step get_seed(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return fetch_content(req, seed_req_target(req), send_seed);
}

void set_up_fast(seed_server *server)
{
    seed_use(server, etagger, new_etaggers(attach_after_event));
    seed_get(server, "/seed/v1", get_seed, NULL);
}
