/* SPDX-License-Identifier: MIT */
/* What libseed takes a message for, in the answer's one field: so that it is
 * told for HEAD as well. Everything is in hex, for it may be any bytes.
 *
 *     X-Saw: METHOD.TARGET.BODY.NAME.VALUE.NAME.VALUE...
 *
 *     mirror --unix PATH [--plant body]
 *
 * With --plant body the last byte of each body is withheld: a difference that
 * whoever compares has to find. */
#include "wire/servers/common.h"

static bool planted;

static char *put(char *at, const char *bytes, size_t length, char end)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        *at++ = digits[(unsigned char)bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at++ = end;
    return at;
}

static char *put_text(char *at, const char *text, char end)
{
    return put(at, text, strlen(text), end);
}

/* Bytes that the field's value takes, with its NUL. */
static size_t room_for(seed_req *req, size_t body)
{
    size_t bytes = strlen(seed_req_method(req)) + strlen(seed_req_target(req));
    const char *name, *value;
    size_t i = 0;

    for (; seed_req_field(req, i, &name, &value); i++)
        bytes += strlen(name) + strlen(value);
    return 2 * (bytes + body) + 3 + 2 * i;
}

static char *describe(seed_req *req)
{
    size_t length = 0, i;
    const char *body = seed_req_body(req, &length), *name, *value;
    char *text = seed_req_alloc(req, room_for(req, length)), *at = text;

    if (!text)
        return NULL;
    at = put_text(at, seed_req_method(req), '.');
    at = put_text(at, seed_req_target(req), '.');
    at = put(at, body, length - (planted && length), '.');
    for (i = 0; seed_req_field(req, i, &name, &value); i++) {
        at = put_text(at, name, '.');
        at = put_text(at, value, '.');
    }
    at[-1] = '\0';
    return text;
}

static seed_step read_all(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

/* The fields are told when the body is read: what its trailers did to them
 * would be seen. */
static seed_step tell(seed_req *req, seed_res *res, void *ctx)
{
    const char *saw = describe(req);

    (void)ctx;
    if (!saw || seed_res_set(res, "X-Saw", saw))
        return seed_fail(res, 503, "there is no room for what was seen");
    return seed_send(res, 200);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server;

    for (int i = 1; i + 1 < argc; i += 2)
        planted |= !strcmp(argv[i], "--plant") && !strcmp(argv[i + 1], "body");

    /* Before routing, so that no target is without its answer. */
    server = seed_server_new(&flags.options);
    seed_pre(server, read_all, NULL);
    seed_pre(server, tell, NULL);
    keep_counts(server);
    return serve(server, &flags);
}
