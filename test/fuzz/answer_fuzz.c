/* SPDX-License-Identifier: MIT */
/* The response writer: bytes become calls of a handler and a send hook, in any
 * order and with any arguments. Whatever they pass, what a client reads is one
 * well-formed answer, and `after` runs once. */
#include "fuzz/answers.h"

#include <seed.h>

#include <stdio.h>

struct script {
    const uint8_t *at, *end;
};

static struct script script;
static seed_server *server;
static unsigned ended;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* --- what bytes mean ------------------------------------------------------ */

static unsigned number(void)
{
    return script.at < script.end ? *script.at++ : 0;
}

/* The next bytes as a C string; at most 40, so that calls are many. */
static const char *text(char out[41])
{
    size_t length = number() % 41;

    if (length > (size_t)(script.end - script.at))
        length = (size_t)(script.end - script.at);
    memcpy(out, script.at, length);
    script.at += length;
    out[length] = '\0';
    return out;
}

static int status(void)
{
    static const int some[] = { 200, 201, 204, 205, 206, 301, 304, 400, 404,
        500, 503, 599, 100, 101, 199, 600, 0, -1, 99, 1000 };

    return some[number() % (sizeof some / sizeof *some)];
}

static const char *name(char out[41])
{
    static const char *const known[] = { "Content-Type", "Content-Length",
        "Transfer-Encoding", "Connection", "Date", "ETag", "Trailer",
        "Keep-Alive", "Upgrade", "Server", "Location", "X-A" };
    unsigned which = number();

    return which < 128 ? known[which % (sizeof known / sizeof *known)]
                       : text(out);
}

/* --- calls ---------------------------------------------------------------- */

static void set_field(seed_res *res)
{
    static int (*const ways[])(seed_res *, const char *, const char *)
        = { seed_res_set, seed_res_append };
    char one[41], two[41];
    unsigned way = number();

    if (way % 3 == 2)
        seed_res_remove(res, name(one));
    else
        ways[way % 3](res, name(one), text(two));
}

static void stream(seed_res *res)
{
    size_t length = number();
    unsigned pieces = number() % 5;
    char piece[41];

    if (seed_stream_open(res, status(), length > 200 ? SEED_UNLIMITED : length))
        return;
    for (unsigned i = 0; i < pieces; i++) {
        text(piece);
        seed_stream_write(res, piece, strlen(piece));
    }
    /* One that stays open is a handler that has not answered yet. */
    if (number() % 4)
        seed_stream_end(res);
    else
        seed_stream_abort(res);
}

static void send_json(seed_res *res)
{
    seed_json json;
    char one[41], two[41];
    unsigned calls = number() % 6;

    seed_json_start(&json, res);
    for (unsigned i = 0; i < calls; i++) {
        switch (number() % 6) {
        case 0:
            seed_json_object(&json, number() % 2 ? text(one) : NULL);
            break;
        case 1:
            seed_json_array(&json, number() % 2 ? text(one) : NULL);
            break;
        case 2:
            seed_json_string(&json, number() % 2 ? text(one) : NULL,
                text(two));
            break;
        case 3:
            seed_json_integer(&json, NULL, number());
            break;
        default:
            seed_json_end(&json);
        }
    }
    seed_json_send(&json, status());
}

static void send(seed_res *res)
{
    char one[41];

    switch (number() % 8) {
    case 0:
        seed_send(res, status());
        break;
    case 1:
        seed_send_text(res, status(), text(one));
        break;
    case 2:
        text(one);
        seed_send_bytes(res, status(), one, strlen(one));
        break;
    case 3:
        seed_redirect(res, status(), text(one));
        break;
    case 4:
        stream(res);
        break;
    case 5:
        seed_fail(res, status(), "%s", text(one));
        break;
    case 6:
        send_json(res);
        break;
    default:
        seed_send_file(res, status(), "/dev/null");
    }
}

static void call_some(seed_res *res, bool may_send)
{
    unsigned calls = number() % 8;
    char one[41];

    for (unsigned i = 0; i < calls; i++) {
        switch (number() % 6) {
        case 0:
        case 1:
            set_field(res);
            break;
        case 2:
            seed_res_close(res);
            break;
        case 3:
            seed_res_change_status(res, status());
            break;
        case 4:
            text(one);
            seed_res_change_body(res, "changed", strlen(one) % 8);
            break;
        default:
            if (may_send)
                send(res);
        }
    }
}

static seed_step handle(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    call_some(res, true);
    return number() % 2 ? SEED_STOP : SEED_NEXT;
}

static void before_send(const seed_event *event, void *ctx)
{
    (void)ctx;
    call_some(event->res, number() % 8 == 0);
}

static void on_after(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    ended++;
}

static void say_nothing(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static void start(void)
{
    server = seed_server_new(&(struct seed_options){ .warn = say_nothing });
    seed_use(server, handle, NULL);
    seed_get(server, "/", handle, NULL);
    seed_post(server, "/", handle, NULL);
    seed_on(server, SEED_ON_SEND, before_send, NULL);
    seed_after(server, on_after, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "OPTIONS",
        "DELETE" };
    const char *method = methods[size ? bytes[0] % 5 : 0], *raw, *at;
    struct answer_read answer;
    seed_reply *reply;
    size_t length;

    if (!server)
        start();
    ended = 0;
    script = (struct script){ bytes + (size > 0), bytes + size };
    reply = seed_inject(server, &(struct seed_injection){ .method = method });
    assert(ended == 1);
    if (!reply)
        return 0; /* it was cut off before its head */

    raw = seed_reply_raw(reply, &length);
    at = answer_read(&answer, raw, raw + length, !strcmp(method, "HEAD"));
    assert(!length || (at && answer.status >= 200));
    assert(!at || at == raw + length);
    seed_reply_free(reply);
    return 0;
}
