/* SPDX-License-Identifier: MIT */
/* Sending a whole answer: the send stage, the head, and both to the sink in
 * one breath, so that they leave in one system call. */
#include "flow/format.h"
#include "flow/req.h"

#include "http/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False when nothing can be sent any more: quietly when the client is gone,
 * with a warning when the handlers have answered twice. */
bool seed__send_allowed(seed_res *res, const char *what)
{
    seed_req *req = REQ_OF_RES(res);
    const seed_site *site = seed_current_site();

    if (!req->sink || req->settled)
        return false;
    if (res->state == ANSWER_OPEN && !res->in_send_stage)
        return true;

    seed__warn_mistake(req, MISTAKE_TWICE,
        "%s for %s %s%s%s was not sent: the request has its answer already",
        what, seed_req_method(req), seed_req_url(req),
        site ? " in " : "", site ? site->function : "");
    return false;
}

/* Hooks of the server, then of this answer. They may change all of it. */
void seed__send_stage(seed_res *res)
{
    seed_req *req = REQ_OF_RES(res);

    res->in_send_stage = true;
    seed__emit(req->flow, SEED_ON_SEND, req);
    for (struct send_hook *at = res->send_hooks; at; at = at->next)
        at->hook(&(struct seed_event){ .on = SEED_ON_SEND,
            .server = req->flow->plan->server, .worker = req->flow->worker,
            .req = req, .res = res, .fault = res->fault }, at->ctx);
    res->in_send_stage = false;
}

/* A body that stays unread is drained when it is small; else, and when the
 * client still waits for a 100 Continue, the connection cannot go on. */
static bool body_blocks(const seed_req *req)
{
    uint64_t left = req->head.length - req->body_seen;

    if (req->body_ended || req->body_mode != BODY_UNASKED)
        return false;
    if (req->head.expect_continue && !req->informed)
        return true;
    return !req->head.chunked && left > req->flow->plan->options.max_drain;
}

bool seed__answer_closes(const seed_req *req)
{
    return !req->head.keep_alive || req->res.close || req->flow->stopping
        || req->sink->last || body_blocks(req);
}

struct str seed__send_head(seed_res *res, bool chunked, bool has_length,
    uint64_t length)
{
    seed_req *req = REQ_OF_RES(res);
    bool reset = res->status == 205; /* RFC 9110 15.3.6: its length is 0 */
    struct answer answer;

    res->bodiless = res->status == 204 || reset || res->status == 304
        || seed__str_same(req_method(req), STR("HEAD"));
    answer.status = res->status;
    answer.framing = has_length || reset ? ANSWER_LENGTH
        : chunked                        ? ANSWER_CHUNKED
                                         : ANSWER_CLOSE;
    if (res->status == 204 || res->status == 304 || res->no_length)
        answer.framing = ANSWER_NONE;
    if (answer.framing == ANSWER_CLOSE)
        res->close = true;
    res->close = seed__answer_closes(req);

    answer.length = reset ? 0 : length;
    answer.server = seed__pairs_find(&res->fields, STR("Server"))
        ? STR("")
        : req->flow->plan->server_name;
    answer.date = seed__http_date(&req->flow->date);
    answer.fields = &res->fields;
    answer.close = res->close;
    answer.keep_alive = !res->close && req->head.minor == 0;
    return seed__answer_head(&answer, &req->arena);
}

static void add_type(seed_res *res, const char *type)
{
    if (type && !seed__pairs_find(&res->fields, STR("Content-Type")))
        seed__pairs_add_borrowed(&res->fields, &REQ_OF_RES(res)->arena,
            STR("Content-Type"), seed__str(type));
}

static int valid_status(int status)
{
    return status >= 200 && status <= 599 ? status : 500;
}

static void put_answer(struct sink *sink, const seed_res *res, struct str head)
{
    bool has_body = res->length && !res->bodiless;

    if (has_body && res->bytes == res->roomy
        && head.length <= SEND_HEAD_ROOM) {
        char *start = res->roomy - head.length;

        memcpy(start, head.at, head.length);
        sink->ops->put(sink, start, head.length + res->length, SINK_BORROW);
        return;
    }
    sink->ops->put(sink, head.at, head.length, SINK_BORROW);
    if (has_body)
        sink->ops->put(sink, res->bytes, res->length, SINK_BORROW);
}

/* res->bytes and res->length are the body, in memory that stays. */
seed_step seed__send(seed_res *res, int status, const char *type)
{
    struct sink *sink = REQ_OF_RES(res)->sink;
    struct str head;

    res->status = valid_status(status);
    res->has_body = true;
    add_type(res, type);
    seed__send_stage(res);

    head = seed__send_head(res, false, true, res->length);
    if (!head.at) {
        seed__bare_give_up(REQ_OF_RES(res));
        return SEED_STOP;
    }
    res->state = ANSWER_WHOLE;
    put_answer(sink, res, head);
    sink->ops->end(sink, res->close ? SINK_CLOSE : SINK_KEEP);
    return SEED_STOP;
}

static seed_step no_memory(seed_res *res)
{
    static const seed_fault fault = { 503, NULL, NULL, "out of memory", NULL };

    return seed_fail_with(res, &fault);
}

seed_step seed_send_static(seed_res *res, int status, const void *bytes,
    size_t length)
{
    if (!seed__send_allowed(res, "seed_send_static()"))
        return SEED_STOP;

    res->bytes = bytes;
    res->length = length;
    return seed__send(res, status, NULL);
}

static seed_step send_copy(seed_res *res, int status, struct str body,
    const char *type)
{
    char *copy = seed__arena_copy(&REQ_OF_RES(res)->arena, body.at,
        body.length);

    if (!copy)
        return no_memory(res);

    res->bytes = copy;
    res->length = body.length;
    return seed__send(res, status, type);
}

seed_step seed_send_bytes(seed_res *res, int status, const void *bytes,
    size_t length)
{
    if (!seed__send_allowed(res, "seed_send_bytes()"))
        return SEED_STOP;

    return send_copy(res, status, (struct str){ bytes, length }, NULL);
}

seed_step seed_send_text(seed_res *res, int status, const char *text)
{
    if (!seed__send_allowed(res, "seed_send_text()"))
        return SEED_STOP;

    return send_copy(res, status, seed__str(text ? text : ""),
        "text/plain; charset=utf-8");
}

seed_step seed_send(seed_res *res, int status)
{
    if (!seed__send_allowed(res, "seed_send()"))
        return SEED_STOP;

    res->bytes = "";
    res->length = 0;
    return seed__send(res, status, NULL);
}

/* The value is kept, also when it could not be sent: etaggers ask for it, and
 * it is taken in any case. */
seed_step seed_send_json(seed_res *res, int status, struct json_t *value)
{
    struct str text;

    if (!seed__send_allowed(res, "seed_send_json()")) {
        seed__format_release(value);
        return SEED_STOP;
    }
    seed__format_release(res->json);
    res->json = value;
    text = seed__format_json(value, &REQ_OF_RES(res)->arena);
    if (!text.at)
        return seed_fail(res, 500, "the value cannot be written as JSON");

    res->bytes = text.at;
    res->length = text.length;
    return seed__send(res, status, "application/json");
}

static seed_step file_fault(seed_res *res, const char *path, int error)
{
    bool hidden = error == ENOENT || error == EACCES || error == ENOTDIR
        || error == ELOOP || error == ENAMETOOLONG || error == EISDIR;
    seed_req *req = REQ_OF_RES(res);
    seed_fault fault = { hidden ? 404 : 500, hidden ? "NotFound" : NULL,
        hidden ? "ResourceNotFound" : NULL,
        hidden ? seed_req_printf(req, "%s does not exist", seed_req_path(req))
               : NULL,
        seed_req_printf(req, "%s: %s", path, strerror(error)) };

    return seed_fail_with(res, &fault);
}

static int open_regular(const char *path, uint64_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;

    if (fd < 0)
        return -1;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        *length = (uint64_t)facts.st_size;
        return fd;
    }
    close(fd);
    errno = EISDIR;
    return -1;
}

seed_step seed_send_file(seed_res *res, int status, const char *path)
{
    struct sink *sink = REQ_OF_RES(res)->sink;
    uint64_t length = 0;
    struct str head;
    int fd;

    if (!seed__send_allowed(res, "seed_send_file()"))
        return SEED_STOP;
    if (!path)
        return seed_fail(res, 500, "there is no path to send");
    fd = open_regular(path, &length);
    if (fd < 0)
        return file_fault(res, path, errno);

    res->status = valid_status(status);
    seed__send_stage(res);
    head = seed__send_head(res, false, true, length);
    if (!head.at) {
        close(fd);
        seed__bare_give_up(REQ_OF_RES(res));
        return SEED_STOP;
    }
    res->state = ANSWER_WHOLE;
    sink->ops->put(sink, head.at, head.length, SINK_BORROW);
    if (length && !res->bodiless)
        sink->ops->file(sink, fd, 0, length);
    else
        close(fd);
    sink->ops->end(sink, res->close ? SINK_CLOSE : SINK_KEEP);
    return SEED_STOP;
}
