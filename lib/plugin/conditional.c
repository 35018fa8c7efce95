/* SPDX-License-Identifier: MIT */
/* ETags and preconditions: in the send stage, when the bytes of an answer are
 * known (seed_conditional), or before anything is made (seed_check_key). */
#include <seed.h>

#include <string.h>

enum { TAG_DIGITS = 27, TAG_ROOM = 1 + TAG_DIGITS + 2 };

/* 108 bits of SHA-256: nobody finds two bodies with one tag by trying. */
static bool make_tag(char out[TAG_ROOM], const char *bytes, size_t length)
{
    char hex[65];

    if (seed_digest_hex(SEED_SHA256, bytes, length, hex, sizeof hex))
        return false;

    out[0] = '"';
    memcpy(out + 1, hex, TAG_DIGITS);
    memcpy(out + 1 + TAG_DIGITS, "\"", 2);
    return true;
}

/* The tag that the handler set, or a new one; NULL where there is no telling:
 * an answer without bytes, or no memory. */
static const char *find_tag(seed_res *res)
{
    const char *tag = seed_res_header(res, "ETag"), *bytes;
    char made[TAG_ROOM];
    size_t length;

    if (tag)
        return tag;
    bytes = seed_res_bytes(res, &length);
    if (!bytes || !make_tag(made, bytes, length)
        || seed_res_set(res, "ETag", made))
        return NULL;
    return seed_res_header(res, "ETag");
}

static void remove_all(seed_res *res, const char *const *names)
{
    for (; *names; names++)
        seed_res_remove(res, *names);
}

/* RFC 9110, 15.4.5: what a cache needs to freshen its copy stays. */
static void become_not_modified(seed_res *res)
{
    static const char *const of_the_body[] = {"Content-Type",
        "Content-Encoding", "Content-Language", "Content-Range", NULL};

    if (seed_res_change_status(res, 304))
        return;
    remove_all(res, of_the_body);
}

/* The error says nothing about what the fields described, and no cache may
 * keep it as if it did. */
static void become_failed(seed_res *res)
{
    static const char body[] = "{\"code\":\"PreconditionFailed\","
                               "\"message\":\"another version is there\"}";
    static const char *const of_the_page[] = {"Content-Encoding",
        "Content-Language", "Content-Range", "Cache-Control", "Expires",
        "Last-Modified", NULL};

    if (seed_res_change_body(res, body, sizeof body - 1))
        return;
    seed_res_change_status(res, 412);
    remove_all(res, of_the_page);
    seed_res_set_unchecked(res, "Content-Type", "application/json");
}

static void on_send(const seed_event *event, void *ctx)
{
    const char *tag, *modified;

    (void)ctx;
    if (seed_res_status(event->res) != 200)
        return;
    tag = find_tag(event->res);
    modified = seed_res_header(event->res, "Last-Modified");
    if (!tag && !modified)
        return;

    switch (seed_req_precondition(event->req, tag, modified)) {
    case SEED_NOT_MODIFIED:
        become_not_modified(event->res);
        return;
    case SEED_FAILED:
        become_failed(event->res);
        return;
    case SEED_PROCEED:
        return;
    }
}

static bool is_read(const seed_req *req)
{
    const char *method = seed_req_method(req);

    return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

seed_step seed_conditional(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;

    /* Without memory the answer is the one without an ETag. */
    if (is_read(req))
        seed_on_send(res, on_send, NULL);
    return SEED_NEXT;
}

/* --- by key --------------------------------------------------------------- */

/* RFC 9110, 8.8.3: etagc. */
static bool fits_in_tag(const char *key)
{
    const unsigned char *at = (const unsigned char *)key;

    if (!*at)
        return false;
    while (*at > ' ' && *at != '"' && *at != 0x7f)
        at++;
    return !*at;
}

static bool answer_failed(seed_res *res, const char *tag)
{
    if (tag)
        seed_res_set(res, "ETag", tag);
    seed_fail(res, 412, tag ? "another version is there"
                            : "there is nothing there yet");
    return true;
}

static bool answer_key_error(seed_res *res, const char *why)
{
    seed_fail_with(res, &(seed_fault){.status = 500, .cause = why});
    return true;
}

/* The key is the page's: an error in its place is another thing. */
static void forget_on_error(const seed_event *event, void *ctx)
{
    int status = seed_res_status(event->res);

    (void)ctx;
    if (status >= 400 && status != 412)
        seed_res_remove(event->res, "ETag");
}

static bool set_tag(seed_res *res, const char *tag)
{
    return !seed_res_set(res, "ETag", tag)
        && !seed_on_send(res, forget_on_error, NULL);
}

bool seed_check_key(seed_req *req, seed_res *res, const char *key)
{
    enum seed_precondition asked;
    const char *tag = NULL;

    if (key && !fits_in_tag(key))
        return answer_key_error(res, "the key cannot stand in an ETag");
    if (key && !(tag = seed_req_printf(req, "\"%s\"", key)))
        return answer_key_error(res, "out of memory");

    asked = seed_req_precondition(req, tag, NULL);
    if (asked == SEED_FAILED)
        return answer_failed(res, tag);
    if (tag && is_read(req) && !set_tag(res, tag))
        return answer_key_error(res, "the ETag could not be set");
    if (asked != SEED_NOT_MODIFIED)
        return false;

    seed_send(res, 304);
    return true;
}
