/* SPDX-License-Identifier: MIT */
#include "wire/message.h"

#include "base/mem.h"
#include "http/uri.h"

#include <seed/body.h>

#include <event2/buffer.h>

/* What evhttp 2.1 knows, and those of them whose body it would take for the
 * next request. */
static const struct {
    struct str name;
    bool no_body;
} methods[] = {
    { { "GET", 3 }, false },    { { "POST", 4 }, false },
    { { "HEAD", 4 }, true },    { { "PUT", 3 }, false },
    { { "DELETE", 6 }, false }, { { "OPTIONS", 7 }, false },
    { { "TRACE", 5 }, true },   { { "CONNECT", 7 }, false },
    { { "PATCH", 5 }, false },
};

/* Framing is said anew; the rest is between two neighbours only. */
static const struct str not_lent[] = {
    { "Connection", 10 },      { "Content-Length", 14 },
    { "Transfer-Encoding", 17 }, { "Expect", 6 },
    { "TE", 2 },               { "Trailer", 7 },
    { "Upgrade", 7 },          { "Keep-Alive", 10 },
    { "Proxy-Connection", 16 },
};

static bool is_lent(struct str name)
{
    for (size_t i = 0; i < COUNT(not_lent); i++)
        if (seed__str_alike(not_lent[i], name))
            return false;
    return true;
}

static struct str method_of(const seed_req *req)
{
    const char *bytes;
    const struct head *head = seed__flow_head(req, &bytes);

    return (struct str){ bytes + head->method, head->method_length };
}

static bool find_method(const seed_req *req, bool *no_body)
{
    struct str method = method_of(req);

    for (size_t i = 0; i < COUNT(methods); i++) {
        if (!seed__str_same(methods[i].name, method))
            continue;
        *no_body = methods[i].no_body;
        return true;
    }
    return false;
}

bool seed__message_known(const seed_req *req)
{
    bool no_body;

    return find_method(req, &no_body);
}

bool seed__message_is_head(const seed_req *req)
{
    return seed__str_same(method_of(req), STR("HEAD"));
}

/* What is written, and whether all of it was. */
struct writer {
    struct evbuffer *to;
    bool failed;
};

static void add(struct writer *writer, const char *bytes, size_t length)
{
    writer->failed |= evbuffer_add(writer->to, bytes, length) != 0;
}

static void add_text(struct writer *writer, struct str text)
{
    add(writer, text.at, text.length);
}

static void add_fields(struct writer *writer, const struct head *head,
    const char *bytes)
{
    for (unsigned i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];
        struct str name = { bytes + field->name, field->name_length };

        if (!is_lent(name))
            continue;
        add_text(writer, name);
        add_text(writer, STR(": "));
        add(writer, bytes + field->value, field->value_length);
        add_text(writer, STR("\r\n"));
    }
}

static void add_length(struct writer *writer, size_t length)
{
    char digits[24];

    add_text(writer, STR("Content-Length: "));
    add(writer, digits, seed__str_decimal(digits, length));
    add_text(writer, STR("\r\n"));
}

bool seed__message_write(struct evbuffer *to, const seed_req *req, bool keep)
{
    struct writer writer = { to, false };
    const char *bytes, *body;
    const struct head *head = seed__flow_head(req, &bytes);
    bool no_body = true, has_body = head->has_length || head->chunked;
    size_t length = 0;

    find_method(req, &no_body);
    add_text(&writer, method_of(req));
    add_text(&writer, STR(" "));
    add(&writer, bytes + head->target, head->target_length);
    add_text(&writer, head->minor ? STR(" HTTP/1.1\r\n")
                                  : STR(" HTTP/1.0\r\n"));
    add_fields(&writer, head, bytes);
    if (!keep && head->minor)
        add_text(&writer, STR("Connection: close\r\n"));

    body = seed_req_body(req, &length);
    if (has_body && !no_body)
        add_length(&writer, length);
    add_text(&writer, STR("\r\n"));
    if (has_body && !no_body && length)
        add(&writer, body, length);
    return !writer.failed;
}

char *seed__message_path(const seed_req *req)
{
    const char *bytes;
    const struct head *head = seed__flow_head(req, &bytes);
    struct str whole = { bytes + head->target, head->target_length };
    struct arena arena;
    struct target target;
    char *path = NULL;
    long length = -1;

    seed__arena_init(&arena, NULL, 0);
    if (seed__target_split(&target, whole, &arena))
        path = seed__alloc(target.path.length + 1);
    if (path)
        length = seed__percent_decode(path, target.path, false, false);
    seed__arena_clear(&arena, NULL, 0);
    if (length < 0) {
        seed__release(path);
        return NULL;
    }
    path[length] = '\0';
    return path;
}
