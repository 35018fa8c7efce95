/* SPDX-License-Identifier: MIT */
/* What a request can be asked. */
#include "flow/req.h"

#include "http/form.h"

#include <seed/req.h>

#include <stdarg.h>
#include <string.h>

enum { QUERY_PAIRS_MOST = 1000 };

const char *seed_req_method(const seed_req *req)
{
    return req->bytes + req->head.method;
}

const char *seed_req_target(const seed_req *req)
{
    return req->bytes + req->head.target;
}

const char *seed_req_url(const seed_req *req)
{
    return req->target.url.at;
}

/* Path and query have no NUL between them where they stand; a copy is made
 * for those who ask. */
static const char *cut(const seed_req *req, struct str part, char **kept)
{
    seed_req *own = (seed_req *)(uintptr_t)req;

    if (part.at[part.length] == '\0')
        return part.at;
    if (!*kept)
        *kept = seed__arena_copy(&own->arena, part.at, part.length);
    return *kept ? *kept : "";
}

const char *seed_req_path(const seed_req *req)
{
    return cut(req, req->target.path,
        &((seed_req *)(uintptr_t)req)->path);
}

const char *seed_req_query_string(const seed_req *req)
{
    if (!req->target.query.length)
        return "";
    return cut(req, req->target.query,
        &((seed_req *)(uintptr_t)req)->query);
}

int seed_req_rewrite(seed_req *req, const char *url)
{
    struct str target = seed__str(url);
    struct target parts;

    if (req->stage != STAGE_PRE)
        return SEED_ESTATE;
    if (!seed__target_valid(target))
        return SEED_EINVAL;

    target.at = seed__arena_copy(&req->arena, target.at, target.length);
    if (!target.at || !seed__target_split(&parts, target, &req->arena))
        return SEED_ENOMEM;

    parts.authority = req->target.authority;
    req->target = parts;
    req->path = req->query = NULL;
    req->queries = NULL;
    req->queries_parsed = false;
    return 0;
}

int seed_req_minor_version(const seed_req *req)
{
    return req->head.minor;
}

const char *seed_req_host(const seed_req *req)
{
    seed_req *own = (seed_req *)(uintptr_t)req;
    struct str authority = req->target.authority;

    if (authority.length) {
        const char *copy
            = seed__arena_copy(&own->arena, authority.at, authority.length);

        return copy ? copy : "";
    }
    return req->head.host_length ? req->bytes + req->head.host : "";
}

const char *seed_req_param(const seed_req *req, const char *name)
{
    struct str wanted = seed__str(name);

    for (unsigned i = 0; i < req->param_count; i++)
        if (seed__str_same(req->params[i].name, wanted))
            return req->params[i].value.at;
    return NULL;
}

/* A parameter's name stands in the pattern, without a NUL behind it. */
bool seed_req_param_at(seed_req *req, size_t index, const char **name,
    const char **value)
{
    const struct param *param = req->params + index;

    if (index >= req->param_count)
        return false;

    *name = seed__arena_copy(&req->arena, param->name.at, param->name.length);
    *value = param->value.at;
    return *name != NULL;
}

const seed_pairs *seed_req_query_pairs(seed_req *req)
{
    if (!req->queries_parsed)
        req->queries = seed__form_parse(&req->arena, req->target.query,
            QUERY_PAIRS_MOST);
    req->queries_parsed = true;
    return req->queries;
}

const char *seed_req_query(seed_req *req, const char *name)
{
    const seed_pair *pair = seed_pairs_find(seed_req_query_pairs(req), name,
        NULL);

    return pair ? pair->value : NULL;
}

const seed_pair *seed_pairs_find(const seed_pairs *pairs, const char *name,
    const seed_pair *after)
{
    size_t length = name ? strlen(name) : 0;
    size_t i = pairs && after ? (size_t)(after - pairs->pairs) + 1 : 0;

    for (; pairs && name && i < pairs->count; i++)
        if (pairs->pairs[i].name_length == length
            && !memcmp(pairs->pairs[i].name, name, length))
            return &pairs->pairs[i];
    return NULL;
}

const seed_pairs *seed_parse_pairs(seed_req *req, const char *bytes,
    size_t length, size_t limit)
{
    return seed__form_parse(&req->arena, (struct str){ bytes, length },
        limit);
}

/* --- fields --------------------------------------------------------------- */

static const struct field *next_field(const seed_req *req, struct str name,
    const struct field *at)
{
    const struct field *end = req->head.fields + req->head.count;

    for (; at < end; at++)
        if (seed__str_alike(name, head_str(req, at->name, at->name_length)))
            return at;
    return NULL;
}

const char *seed_req_header(const seed_req *req, const char *name)
{
    const struct field *field
        = next_field(req, seed__str(name), req->head.fields);

    return field ? req->bytes + field->value : NULL;
}

const char *seed_req_header_list(seed_req *req, const char *name)
{
    struct str wanted = seed__str(name);
    const struct field *first = next_field(req, wanted, req->head.fields);
    const struct field *at;
    size_t length = 0;
    char *list, *end;

    for (at = first; at; at = next_field(req, wanted, at + 1))
        length += at->value_length + 2u;
    if (!first || length == first->value_length + 2u)
        return first ? req->bytes + first->value : NULL;

    list = end = seed__arena_bytes(&req->arena, length);
    for (at = first; list && at; at = next_field(req, wanted, at + 1)) {
        memcpy(end, req->bytes + at->value, at->value_length);
        memcpy(end + at->value_length, ", ", 2);
        end += at->value_length + 2;
    }
    if (list)
        end[-2] = '\0';
    return list;
}

bool seed_req_field(const seed_req *req, size_t index, const char **name,
    const char **value)
{
    if (index >= req->head.count)
        return false;

    *name = req->bytes + req->head.fields[index].name;
    *value = req->bytes + req->head.fields[index].value;
    return true;
}

size_t seed_req_content_length(const seed_req *req)
{
    return req->head.chunked ? SEED_UNLIMITED : (size_t)req->head.length;
}

const char *seed_req_content_type(seed_req *req)
{
    const char *value = seed_req_header(req, "Content-Type");
    struct str type = seed__str(value ? value : "");

    if (req->content_type)
        return req->content_type;

    type.length = strcspn(type.at, ";");
    type = seed__str_trim(type);
    req->content_type = seed__arena_copy(&req->arena, type.at, type.length);
    for (char *at = req->content_type; at && *at; at++)
        *at = seed__lower(*at);
    return req->content_type ? req->content_type : "";
}

/* --- who and when --------------------------------------------------------- */

const seed_route *seed_req_route(const seed_req *req)
{
    return req->route;
}

seed_server *seed_req_server(const seed_req *req)
{
    return req->flow->plan->server;
}

seed_worker *seed_req_worker(const seed_req *req)
{
    return req->flow->worker;
}

uint64_t seed_req_number(const seed_req *req)
{
    return req->number;
}

const char *seed_req_peer(seed_req *req)
{
    if (!req->peer_text && req->sink)
        req->peer_text = req->sink->ops->peer(req->sink, &req->arena);
    return req->peer_text ? req->peer_text : "";
}

uint64_t seed_req_begun(const seed_req *req)
{
    return req->begun;
}

uint64_t seed_req_socket_wait(const seed_req *req)
{
    return req->sink ? req->sink->ops->wait(req->sink) : 0;
}

enum seed_peer_state seed_req_peer_state(const seed_req *req)
{
    return req->peer;
}

void seed_on_cancel(seed_req *req, seed_cancel_hook *hook, void *ctx)
{
    req->cancel_hook = hook;
    req->cancel_ctx = ctx;
}

void seed_on_peer(seed_req *req, seed_peer_hook *hook, void *ctx)
{
    req->peer_hook = hook;
    req->peer_ctx = ctx;
}

seed_res *seed_req_res(seed_req *req)
{
    return &req->res;
}

seed_req *seed_res_req(const seed_res *res)
{
    return (seed_req *)(uintptr_t)REQ_OF_CONST_RES(res);
}

/* --- memory --------------------------------------------------------------- */

void *seed_req_alloc(seed_req *req, size_t size)
{
    return seed__arena_alloc(&req->arena, size);
}

char *seed_req_printf(seed_req *req, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = seed__arena_vprintf(&req->arena, format, list);
    va_end(list);
    return text;
}

int seed_req_cleanup(seed_req *req, void (*run)(void *ctx), void *ctx)
{
    struct cleanup *added = seed__arena_alloc(&req->arena, sizeof *added);

    if (!added) {
        run(ctx);
        return SEED_ENOMEM;
    }
    *added = (struct cleanup){ run, ctx, req->cleanups };
    req->cleanups = added;
    return 0;
}

int seed_req_set(seed_req *req, const void *key, void *value)
{
    return seed__slots_set(&req->slots, &req->arena, key, value)
        ? 0
        : SEED_ENOMEM;
}

void *seed_req_slot(const seed_req *req, const void *key)
{
    return seed__slots_get(req->slots, key);
}
