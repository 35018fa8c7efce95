/* SPDX-License-Identifier: MIT */
/* Any bytes as a head: the verdict and what it tells are the same however the
 * bytes come, and what it tells is true. Seeds: test/data/head. */
#include "http/head.h"
#include "http/uri.h"
#include "http/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 20 };

/* Small, so that limits are met by small inputs. */
static const struct head_limits limits = { 200, 150, 600, ROOM - 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* As if only `size` bytes had come, in memory that has no byte more. */
static enum head_verdict check(struct head *head, const uint8_t *bytes,
    size_t size)
{
    char *copy = malloc(size + !size);
    enum head_verdict verdict;

    memcpy(copy, bytes, size);
    verdict = seed__head_check(head, copy, size, &limits);
    free(copy);
    return verdict;
}

static enum head_verdict check_in_steps(struct head *head,
    const uint8_t *bytes, size_t size, size_t step)
{
    enum head_verdict verdict = HEAD_MORE;

    for (size_t to = 0; verdict == HEAD_MORE && to < size;) {
        to = size - to < step ? size : to + step;
        verdict = check(head, bytes, to);
    }
    return size ? verdict : check(head, bytes, 0);
}

static struct str piece(const uint8_t *bytes, unsigned at, unsigned length)
{
    return (struct str){ (const char *)bytes + at, length };
}

static void judge_fields(const struct head *head, const uint8_t *bytes)
{
    unsigned at = head->target + head->target_length;

    for (unsigned i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];
        struct str value = piece(bytes, field->value, field->value_length);

        assert(field->name > at && field->name_length);
        assert(field->value > field->name + field->name_length);
        at = field->value + field->value_length;
        assert(at < head->size);
        assert(seed__token_valid(
            piece(bytes, field->name, field->name_length)));
        assert(seed__field_value_valid(value));
        assert(seed__str_trim(value).length == value.length);
    }
}

static void judge(const struct head *head, const uint8_t *bytes)
{
    struct str method = piece(bytes, head->method, head->method_length);
    struct str target = piece(bytes, head->target, head->target_length);
    struct target parts;
    struct arena arena;

    assert(head->size <= limits.head && head->count <= limits.fields);
    assert(!memcmp(bytes + head->size - 4, "\r\n\r\n", 4));
    assert(seed__token_valid(method) && method.length <= 24);
    assert(target.length && target.length <= limits.line);
    assert(!(head->chunked && (head->has_length || !head->minor)));
    assert(head->has_length || !head->length);
    assert(head->length <= INT64_MAX);
    assert(!head->expect_continue || head->minor);
    judge_fields(head, bytes);

    seed__arena_init(&arena, NULL, 0);
    assert(seed__target_split(&parts, target, &arena));
    assert(seed__target_valid(parts.path) || parts.authority.length ||
        seed__str_same(parts.path, STR("*")));
    seed__arena_clear(&arena, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct field fields[ROOM], again[ROOM];
    struct head head, slow;
    enum head_verdict verdict;

    seed__head_begin(&head, fields, ROOM);
    verdict = check(&head, bytes, size);
    if (verdict == HEAD_OK)
        judge(&head, bytes);

    for (size_t step = 1; step < 20; step += 6) {
        seed__head_begin(&slow, again, ROOM);
        assert(check_in_steps(&slow, bytes, size, step) == verdict);
        if (verdict != HEAD_OK)
            continue;
        assert(slow.size == head.size && slow.count == head.count);
        assert(slow.length == head.length && slow.chunked == head.chunked);
        assert(slow.keep_alive == head.keep_alive);
        assert(!memcmp(fields, again, head.count * sizeof *fields));
    }
    return 0;
}
