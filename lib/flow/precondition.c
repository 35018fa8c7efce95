/* SPDX-License-Identifier: MIT */
#include "http/cond.h"

#include <seed/plugin.h>

#include <string.h>
#include <time.h>

/* NULL becomes a NULL `at`. */
static struct str text_of(const char *string)
{
    return (struct str){string, string ? strlen(string) : 0};
}

static struct str field(seed_req *req, const char *name)
{
    return text_of(seed_req_header_list(req, name));
}

enum seed_precondition seed_req_precondition(seed_req *req, const char *etag,
    const char *last_modified)
{
    static const enum seed_precondition meaning[] = {
        [COND_PROCEED] = SEED_PROCEED,
        [COND_NOT_MODIFIED] = SEED_NOT_MODIFIED,
        [COND_FAILED] = SEED_FAILED,
    };
    const char *method = seed_req_method(req);
    struct validators there = {text_of(etag), text_of(last_modified)};
    struct cond cond = {
        .get_or_head = !strcmp(method, "GET") || !strcmp(method, "HEAD"),
        .if_match = field(req, "If-Match"),
        .if_none_match = field(req, "If-None-Match"),
        .if_modified_since = field(req, "If-Modified-Since"),
        .if_unmodified_since = field(req, "If-Unmodified-Since"),
    };

    return meaning[seed__cond_judge(&cond, &there, (int64_t)time(NULL))];
}
