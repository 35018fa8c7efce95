/* SPDX-License-Identifier: MIT */
/* Mode noop: slow with an empty after hook, to see what the number of hooks
 * alone costs. */
#include "shared.h"

#include <jansson.h>

/* Runs when a request is over. */
static void store_etag(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void attach_after_event(struct etagger *own, seed_server *server)
{
    if (!own->attach_after_event)
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

void set_up_noop(seed_server *server)
{
    seed_use(server, etagger, new_etaggers(attach_after_event));
    seed_get(server, "/seed/v1", get_seed, NULL);
}
