/* SPDX-License-Identifier: MIT */
/* Mode fixed: slow, but for one line. The guard tests the flag, so that there
 * is one after hook, however many requests come. */
#include "shared.h"

#include <jansson.h>

/* Runs when a request is over: remembers the ETag of what was sent. */
static void store_etag(const seed_event *event, void *ctx)
{
    struct etagger *own = ctx;
    char key[HASH_ROOM], etag[HASH_ROOM];

    if (seed_res_status(event->res) != 200 || !seed_res_json(event->res))
        return;

    hash_text(seed_req_target(event->req), key);
    hash_json(seed_res_json(event->res), etag);
    cache_store(&own->cache, key, etag);
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
    char key[HASH_ROOM];
    const char *etag;

    own->attach_after_event(own, seed_req_server(req));

    hash_text(seed_req_target(req), key);
    etag = cache_find(&own->cache, key);
    if (etag)
        seed_res_set(res, "Etag", etag);
    seed_res_set_unchecked(res, "Cache-Control", "public, max-age=120");
    return SEED_NEXT;
}

static seed_step send_seed(seed_req *req, seed_res *res, const char *content)
{
    if (!content)
        return send_not_found(res);

    return seed_send_json(res, 200, json_pack("{s:s%, s:s, s:I}",
        "data", content, (size_t)CONTENT_LENGTH,
        "url", seed_req_target(req),
        "ts", (json_int_t)timestamp()));
}

static seed_step get_seed(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return fetch_content(req, seed_req_target(req), send_seed);
}

void set_up_fixed(seed_server *server)
{
    seed_use(server, etagger, new_etaggers(attach_after_event));
    seed_get(server, "/seed/v1", get_seed, NULL);
}
