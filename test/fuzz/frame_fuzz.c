/* SPDX-License-Identifier: MIT */
/* Any bytes as a body: what comes out is the same however the bytes come in,
 * and the trailers stay in their room and in their form. */
#include "http/frame.h"
#include "http/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct outcome {
    enum frame_step step;
    size_t used, length;
    char *body;
    struct frame frame;
    char trailers[FRAME_TRAILER_ROOM];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Gives what comes from `from` to `to`, in memory that has no byte more. */
static void feed(struct outcome *out, const uint8_t *bytes, size_t to)
{
    size_t size = to - out->used, length;
    char *copy = malloc(size + !size);
    const char *at = copy, *data;

    memcpy(copy, bytes + out->used, size);
    while ((out->step = seed__frame_next(&out->frame, &at, copy + size, &data,
                &length)) == FRAME_DATA) {
        assert(length && data + length == at);
        memcpy(out->body + out->length, data, length);
        out->length += length;
    }
    out->used += (size_t)(at - copy);
    assert(out->step != FRAME_MORE || out->used == to);
    assert(seed__frame_ended(&out->frame) == (out->step == FRAME_END));
    free(copy);
}

static struct outcome *take(const struct head *head, const uint8_t *bytes,
    size_t size, size_t step)
{
    struct outcome *out = calloc(1, sizeof *out);

    out->body = malloc(size + 1);
    seed__frame_begin(&out->frame, head);
    out->frame.trailers = out->trailers;
    out->step = FRAME_MORE;
    for (size_t to = 0; out->step == FRAME_MORE && to < size;) {
        to = size - to < step ? size : to + step;
        feed(out, bytes, to);
    }
    return out;
}

/* Names and values in turn, each with its NUL. */
static void judge_trailers(const struct outcome *out)
{
    const char *at = out->trailers;
    const char *end = at + out->frame.trailer_length;
    unsigned count = 0;

    assert(out->frame.trailer_length <= FRAME_TRAILER_ROOM);
    for (; at < end; at += strlen(at) + 1, count++) {
        struct str text = { at, strlen(at) };

        assert(count % 2 ? seed__field_value_valid(text)
                         : seed__token_valid(text));
        assert(seed__str_trim(text).length == text.length);
        assert(!seed__str_alike(text, STR("content-length")) || count % 2);
    }
    assert(at == end && count % 2 == 0);
    assert(count / 2 <= FRAME_TRAILER_FIELDS);
}

static void release(struct outcome *out)
{
    free(out->body);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct head head = { .chunked = true };
    struct outcome *whole;

    /* A first byte of control tells a length instead. */
    if (size && *bytes < 0x20) {
        head = (struct head){ .has_length = true, .length = *bytes };
        bytes++;
        size--;
    }

    whole = take(&head, bytes, size, size + 1);
    assert(head.chunked || whole->length <= head.length);
    if (whole->step == FRAME_END)
        judge_trailers(whole);
    for (size_t step = 1; step < 12; step += 5) {
        struct outcome *out = take(&head, bytes, size, step);

        assert(out->step == whole->step && out->length == whole->length);
        assert(!memcmp(out->body, whole->body, whole->length));
        assert(whole->step != FRAME_END || out->used == whole->used);
        assert(out->frame.trailer_length == whole->frame.trailer_length);
        release(out);
    }
    release(whole);
    return 0;
}
