/* SPDX-License-Identifier: MIT */
/* Mode better: what the article's server becomes when the ETag is the answer's
 * own. There is no middleware, no cache and no hook any more:
 *
 *   - the ETag is strong, quoted, and made for the answer it stands in, from
 *     what determines its bytes: the content and the timestamp
 *   - If-None-Match is answered with 304 before an answer is made
 *   - HEAD is answered as GET is, by the server's default
 *   - an error is not to be cached
 */
#include "shared.h"

#include <inttypes.h>

static seed_step send_seed(seed_req *req, seed_res *res, const char *content)
{
    seed_json json;
    int64_t ts;

    if (!content)
        return seed_fail(res, 404, "%s has no seed", seed_req_url(req));

    ts = timestamp();
    seed_res_set_unchecked(res, "Cache-Control", "public, max-age=120");
    /* Sixteen random digits tell this process's content from any other's. */
    if (seed_check_key(req, res,
            seed_req_printf(req, "%.16s-%" PRId64, content, ts)))
        return SEED_STOP;

    seed_json_start(&json, res);
    seed_json_reserve(&json, CONTENT_LENGTH + 100);
    seed_json_object(&json, NULL);
    seed_json_raw_string(&json, "data", content, CONTENT_LENGTH);
    seed_json_string(&json, "url", seed_req_url(req));
    seed_json_integer(&json, "ts", ts);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step get_seed(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return fetch_content(req, seed_req_url(req), send_seed);
}

/* Runs when a request fails, before the default answer is made. */
static seed_step keep_from_caches(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set_unchecked(res, "Cache-Control", "no-store");
    return SEED_NEXT;
}

void set_up_better(seed_server *server)
{
    seed_on_error(server, NULL, keep_from_caches, NULL);
    seed_get(server, "/seed/v1", get_seed, NULL);
}
