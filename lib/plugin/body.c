/* SPDX-License-Identifier: MIT */
/* Bodies to values. The type is judged before the body is asked for, so that
 * a client that waits for 100 Continue never sends what nobody reads. */
#include <seed.h>

#include <jansson.h>
#include <string.h>
#include <strings.h>

enum {
    DEFAULT_DEPTH = 32,
    MOST_DEPTH = 2048, /* JSON_PARSER_MAX_DEPTH, where jansson gives up */
    DEFAULT_PAIRS = 1000,
    FIRST_ROOM = 65536
};

/* One way to read bytes. */
struct kind {
    unsigned bit;
    seed_step (*parse)(seed_req *req, const struct seed_parse_options *limits,
        const char *bytes, size_t length);
};

/* A body on its way. A declared length is a promise, not a reason to set
 * memory aside for more than FIRST_ROOM. */
struct collected {
    const struct kind *kind;
    const struct seed_parse_options *limits;
    char *bytes;
    size_t length, room;
    bool no_memory;
};

static const char json_key, form_key; /* places in the request */

struct json_t *seed_req_json(const seed_req *req)
{
    return seed_req_slot(req, &json_key);
}

const seed_pairs *seed_req_form(const seed_req *req)
{
    return seed_req_slot(req, &form_key);
}

static seed_step invalid(seed_req *req, const char *message)
{
    return seed_fail_with(seed_req_res(req),
        &(seed_fault){
            .status = 400,
            .code = "InvalidContent",
            .message = message,
        });
}

static seed_step no_memory(seed_req *req)
{
    return seed_fail(seed_req_res(req), 503, "out of memory");
}

/* --- JSON ----------------------------------------------------------------- */

/* Returns where a string that begins at `at` ends. */
static size_t string_end(const char *bytes, size_t length, size_t at)
{
    for (at++; at < length && bytes[at] != '"'; at++)
        at += bytes[at] == '\\';
    return at;
}

/* Returns where brackets are nested deeper than allowed, or `length`. jansson
 * would recurse into them: here they are only counted. What is not JSON may be
 * counted wrong, and jansson refuses it afterwards. */
static size_t find_too_deep(const char *bytes, size_t length, size_t most)
{
    size_t depth = 0, at = 0;

    for (; at < length; at++) {
        char c = bytes[at];

        if (c == '"')
            at = string_end(bytes, length, at);
        depth += c == '[' || c == '{';
        depth -= depth && (c == ']' || c == '}');
        if (depth > most)
            return at;
    }
    return length;
}

static seed_step invalid_depth(seed_req *req, const char *bytes, size_t at,
    size_t most)
{
    size_t line = 1, line_start = 0;

    for (size_t i = 0; i < at; i++)
        if (bytes[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    return invalid(req, seed_req_printf(req,
        "the body has more than %zu levels at line %zu, column %zu", most,
        line, at - line_start + 1));
}

/* Tells what jansson says, without the client's own text, which it may have
 * cut in the middle of a character. */
static seed_step invalid_json(seed_req *req, json_error_t *error)
{
    char *near = strstr(error->text, " near '");
    const char *message;

    if (json_error_code(error) == json_error_out_of_memory)
        return no_memory(req);
    if (near)
        *near = '\0';

    message = seed_req_printf(req,
        "the body is not JSON at line %d, column %d: %s", error->line,
        error->column, error->text);
    return invalid(req, message);
}

static void drop(void *json)
{
    json_decref(json);
}

static seed_step parse_json(seed_req *req,
    const struct seed_parse_options *limits, const char *bytes, size_t length)
{
    size_t most = limits->max_depth ? limits->max_depth : DEFAULT_DEPTH;
    size_t deep;
    json_error_t error;
    json_t *json;

    if (most > MOST_DEPTH)
        most = MOST_DEPTH;
    if ((deep = find_too_deep(bytes, length, most)) < length)
        return invalid_depth(req, bytes, deep, most);

    /* Without JSON_ALLOW_NUL: a C string would end where the client says. */
    json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
        &error);
    if (!json)
        return invalid_json(req, &error);
    if (seed_req_cleanup(req, drop, json)
        || seed_req_set(req, &json_key, json))
        return no_memory(req);
    return SEED_NEXT;
}

/* --- forms ---------------------------------------------------------------- */

static seed_step parse_form(seed_req *req,
    const struct seed_parse_options *limits, const char *bytes, size_t length)
{
    size_t most = limits->max_pairs ? limits->max_pairs : DEFAULT_PAIRS;
    const seed_pairs *pairs = seed_parse_pairs(req, bytes, length, most);

    if (!pairs)
        return invalid(req, seed_req_printf(req,
            "the form is malformed or has more than %zu pairs", most));
    if (seed_req_set(req, &form_key, (void *)pairs))
        return no_memory(req);
    return SEED_NEXT;
}

/* --- reading -------------------------------------------------------------- */

static const struct kind json_kind = {1, parse_json};
static const struct kind form_kind = {2, parse_form};

/* RFC 6839, 3.1: "+json" says that JSON is what the type is made of. */
static bool is_json(const char *type)
{
    size_t length = strlen(type);

    return !strcmp(type, "application/json")
        || (length > 5 && !strcmp(type + length - 5, "+json"));
}

static const struct kind *find_kind(const char *type)
{
    if (is_json(type))
        return &json_kind;
    if (!strcmp(type, "application/x-www-form-urlencoded"))
        return &form_kind;
    return NULL;
}

static bool grow(seed_req *req, struct collected *body, size_t needed)
{
    size_t declared = seed_req_content_length(req);
    size_t room = body->room ? 2 * body->room : FIRST_ROOM;
    char *bytes;

    if (room < needed)
        room = needed;
    if (room > declared && declared >= needed)
        room = declared;
    if (!(bytes = seed_req_alloc(req, room)))
        return false;

    if (body->length)
        memcpy(bytes, body->bytes, body->length);
    body->bytes = bytes;
    body->room = room;
    return true;
}

static seed_step parse_collected(seed_req *req, struct collected *body)
{
    if (body->no_memory)
        return no_memory(req);
    if (!body->length)
        return SEED_NEXT;
    return body->kind->parse(req, body->limits, body->bytes, body->length);
}

static void collect(seed_req *req, const char *bytes, size_t length, void *ctx)
{
    struct collected *body = ctx;

    if (!bytes) {
        seed_resume(req, parse_collected(req, body));
        return;
    }
    if (body->no_memory)
        return;
    if (length > body->room - body->length
        && !grow(req, body, body->length + length)) {
        body->no_memory = true;
        return;
    }
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
}

static seed_step read_and_parse(seed_req *req, const struct kind *kind,
    const struct seed_parse_options *limits)
{
    struct collected *body;
    size_t length;
    const char *bytes = seed_req_body(req, &length);

    if (bytes && !length)
        return SEED_NEXT;
    if (bytes)
        return kind->parse(req, limits, bytes, length);

    if (!(body = seed_req_alloc(req, sizeof *body)))
        return no_memory(req);
    *body = (struct collected){.kind = kind, .limits = limits};
    return seed_on_body(req, limits->max_body, collect, body);
}

static bool has_coding(const seed_req *req)
{
    const char *coding = seed_req_header(req, "Content-Encoding");

    return coding && *coding && strcasecmp(coding, "identity") != 0;
}

static seed_step refuse_type(seed_req *req, const char *type)
{
    if (!*type)
        return seed_fail(seed_req_res(req), 415, "the body has no type");
    return seed_fail(seed_req_res(req), 415,
        "a body of the type %s is not read here", type);
}

static seed_step parse(seed_req *req, const struct seed_parse_options *limits,
    unsigned wanted)
{
    static const struct seed_parse_options defaults;
    const struct kind *kind;

    if (!seed_req_content_length(req) || seed_req_json(req)
        || seed_req_form(req))
        return SEED_NEXT;

    kind = find_kind(seed_req_content_type(req));
    if (!kind || !(kind->bit & wanted))
        return refuse_type(req, seed_req_content_type(req));
    if (has_coding(req))
        return seed_fail(seed_req_res(req), 415,
            "a body in a content coding is not read here");

    return read_and_parse(req, kind, limits ? limits : &defaults);
}

seed_step seed_parse_json(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return parse(req, ctx, json_kind.bit);
}

seed_step seed_parse_form(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return parse(req, ctx, form_kind.bit);
}

seed_step seed_parse_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return parse(req, ctx, json_kind.bit | form_kind.bit);
}
