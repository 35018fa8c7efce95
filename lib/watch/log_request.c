/* SPDX-License-Identifier: MIT */
/* Requests in the log, as pino-http has them: a line when one is over, and a
 * logger of its own for what its handlers have to say. */
#include "watch/log_http.h"
#include "watch/log_sink.h"

#include <seed/async.h>
#include <seed/context.h>
#include <seed/error.h>
#include <seed/hook.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/route.h>
#include <seed/server.h>

enum { ID_MOST = 128, GONE = 444 };

/* What a server was told. */
struct requests {
    seed_log *log;
    struct seed_log_requests_options options;
    char *id_header;
};

/* What a request has, once something of it was asked for. */
struct own {
    const char *id; /* from the field; NULL: its number */
    struct seed_log log;
};

static const char server_key, req_key, quiet_key;
static struct seed_log silent = { SEED_LOG_SILENT, 0, "", NULL };

static const struct requests *requests_of(const seed_req *req)
{
    return seed_server_slot(seed_req_server(req), &server_key);
}

/* --- ids ------------------------------------------------------------------ */

/* An id goes into logs, and from there into shells and queries. */
static bool id_valid(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789"
                               "-._~+/=:@");

    return length && length <= ID_MOST && !id[length];
}

static struct own *own_of(seed_req *req)
{
    const struct requests *requests = requests_of(req);
    struct own *own = seed_req_slot(req, &req_key);
    const char *id = NULL;

    if (own)
        return own;
    own = seed_req_alloc(req, sizeof *own);
    if (!own || seed_req_set(req, &req_key, own))
        return NULL;

    if (requests && requests->id_header)
        id = seed_req_header(req, requests->id_header);
    memset(own, 0, sizeof *own);
    own->id = id && id_valid(id) ? id : NULL;
    return own;
}

/* Without a field to look for, nothing has to be remembered. */
static const char *given_id(seed_req *req)
{
    const struct requests *requests = requests_of(req);
    const struct own *own = requests && requests->id_header ? own_of(req)
                                                            : NULL;

    return own ? own->id : NULL;
}

const char *seed_req_id(seed_req *req)
{
    const char *id = given_id(req);

    if (!id)
        id = seed_req_printf(req, "%llu",
            (unsigned long long)seed_req_number(req));
    return id ? id : "";
}

void seed__line_id(struct line *line, seed_req *req)
{
    if (line->known != req)
        line->id = given_id(req);
    line->known = req;
    if (line->id)
        seed__line_string(line, line->id);
    else
        seed__put_uint(&line->out, seed_req_number(req));
}

static void put_bindings(struct line *line, const struct requests *requests,
    seed_req *req)
{
    const seed_context *context = requests->options.trace
        ? seed_req_context(req)
        : NULL;

    if (LINE_OPEN(line, "reqId"))
        seed__line_id(line, req);
    if (context && LINE_OPEN(line, "trace_id"))
        seed__line_string(line, context->trace_id);
    if (context && LINE_OPEN(line, "span_id"))
        seed__line_string(line, context->span_id);
}

/* --- the request's own logger --------------------------------------------- */

/* Its text is made once, in the request's memory. */
static bool make_log(struct own *own, const struct requests *requests,
    seed_req *req)
{
    const seed_log *parent = requests->log;
    size_t room = parent->length + 6 * ID_MOST + 256
        + (parent->sink->redact ? 4 * parent->sink->redact->censor_length : 0);
    char *text = seed_req_alloc(req, room);
    struct line line;

    if (!text)
        return false;

    seed__line_begin(&line, text, text + room, parent->sink->redact);
    seed__put(&line.out, parent->bindings, parent->length);
    put_bindings(&line, requests, req);
    own->log.bindings = text;
    own->log.length = (size_t)(line.out.at - text);
    own->log.sink = parent->sink;
    atomic_init(&own->log.level, atomic_load(&requests->log->level));
    return true;
}

seed_log *seed_req_log(seed_req *req)
{
    const struct requests *requests = requests_of(req);
    struct own *own = requests ? own_of(req) : NULL;

    if (!requests)
        return &silent;
    if (!own || (!own->log.sink && !make_log(own, requests, req)))
        return requests->log;
    return &own->log;
}

/* --- the line when a request is over -------------------------------------- */

struct ended {
    const struct requests *requests;
    seed_req *req;
    seed_res *res;
    const seed_fault *fault;
    bool errored;
};

/* Milliseconds with their thousandths. */
static void put_time(struct out *out, uint64_t microseconds)
{
    unsigned rest = (unsigned)(microseconds % 1000);
    char digits[4] = { '.', (char)('0' + rest / 100),
        (char)('0' + rest / 10 % 10), (char)('0' + rest % 10) };

    seed__put_uint(out, microseconds / 1000);
    if (rest)
        seed__put(out, digits, rest % 10 ? 4 : rest % 100 ? 3 : 2);
}

static void put_error(struct line *line, const struct ended *ended)
{
    const seed_log_field err = seed_as_err(ended->fault);

    if (ended->fault)
        seed__line_fault(line, &err);
    else
        seed__line_status(line, seed_res_status(ended->res));
}

static void put_ended(struct line *line, const void *ctx)
{
    const struct ended *ended = ctx;
    const seed_log_field req = seed_as_req(ended->req);
    const seed_log_field res = seed_as_res(ended->res);
    uint64_t time = seed_now() - seed_req_begun(ended->req);

    line->brief = ended->requests->options.brief;
    put_bindings(line, ended->requests, ended->req);
    if (LINE_OPEN(line, "req"))
        seed__line_req(line, &req);
    if (LINE_OPEN(line, "res"))
        seed__line_res(line, &res);
    if (ended->errored && LINE_OPEN(line, "err"))
        put_error(line, ended);
    if (LINE_OPEN(line, "responseTime"))
        put_time(&line->out, time / 1000);
}

static const char *message_of(const struct ended *ended)
{
    if (ended->errored)
        return "request errored";
    return seed_res_status(ended->res) == GONE ? "request aborted"
                                               : "request completed";
}

static void log_request(const seed_event *event, void *ctx)
{
    const struct requests *requests = ctx;
    const seed_fault *fault = event->fault;
    const seed_route *route = seed_req_route(event->req);
    struct ended ended = { requests, event->req, event->res, fault,
        seed_res_status(event->res) >= 500 || (fault && fault->cause) };
    const struct filling filling = { message_of(&ended), put_ended, &ended };
    int level = ended.errored ? requests->options.error_level
                              : requests->options.level;

    if (!ended.errored && route && seed_route_slot(route, &quiet_key))
        return;
    if (seed_log_on(requests->log, level))
        seed__log_put(requests->log, level, &filling);
}

/* --- setting up ----------------------------------------------------------- */

static void hear_warning(const char *line, void *ctx)
{
    seed_log_warn(ctx, line);
}

static void free_requests(void *value)
{
    struct requests *requests = value;

    if (!requests)
        return;
    seed_release(requests->id_header);
    seed_release(requests);
}

static struct requests *make_requests(seed_log *log,
    const struct seed_log_requests_options *options)
{
    struct requests *requests = seed_resize(NULL, sizeof *requests);
    const char *header = options->id_header;

    if (!requests)
        return NULL;

    *requests = (struct requests){ log, *options, NULL };
    if (!options->level)
        requests->options.level = SEED_LOG_INFO;
    if (!options->error_level)
        requests->options.error_level = SEED_LOG_ERROR;
    requests->options.id_header = NULL;
    if (!header)
        return requests;

    requests->id_header = seed_resize(NULL, strlen(header) + 1);
    if (!requests->id_header) {
        seed_release(requests);
        return NULL;
    }
    strcpy(requests->id_header, header);
    return requests;
}

static int add(seed_server *server, seed_log *log,
    const struct seed_log_requests_options *options)
{
    struct requests *requests = make_requests(log, options);
    int err = requests ? seed_server_set(server, &server_key, requests,
                             free_requests)
                       : SEED_ENOMEM;

    if (err) {
        free_requests(requests);
        return err;
    }
    err = seed_on_warning(server, hear_warning, log);
    if (!err && !options->no_lines)
        err = seed_after(server, log_request, requests);
    return err;
}

int seed_log_requests_sized(seed_server *server, seed_log *log,
    const struct seed_log_requests_options *options, size_t size)
{
    struct seed_log_requests_options known = { 0 };

    if (!server)
        return SEED_ENOMEM;
    if (!log || !log->sink)
        return SEED_EINVAL;
    if (seed_server_slot(server, &server_key))
        return SEED_EDUP;
    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);
    return add(server, log, &known);
}

seed_route *seed_log_quiet(seed_route *route)
{
    static char yes;

    return seed_route_set(route, &quiet_key, &yes);
}
