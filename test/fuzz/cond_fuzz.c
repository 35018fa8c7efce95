/* SPDX-License-Identifier: MIT */
/* Any bytes as a list of entity-tags, as a date, and as lines of a request's
 * preconditions: nothing outside of them is read, what matches strongly matches
 * weakly too, a date that was understood is one, and dates are asked only where
 * there are no tags. */
#include "base/clock.h"
#include "http/cond.h"
#include "http/date.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1767225600 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_list(struct str list)
{
    enum cond_match strong = seed__cond_match(list, STR("\"a\""), true, true);
    enum cond_match weak = seed__cond_match(list, STR("\"a\""), true, false);

    assert(strong != COND_MATCHES || weak == COND_MATCHES);
    assert((strong == COND_MALFORMED) == (weak == COND_MALFORMED));
    if (seed__etag_valid(list))
        assert(seed__cond_match(list, list, true, false) == COND_MATCHES);
}

static void check_date(struct str text)
{
    int64_t second, again;
    char out[32];

    if (!seed__date_parse(text, NOW, &second))
        return;
    assert(second > -62200000000 && second < 253402300801);
    if (second < 0 || second > 253402300799)
        return;
    seed__http_date_format(out, (time_t)second);
    assert(seed__date_parse(seed__str(out), NOW, &again));
    assert(again == second);
}

/* The next line, in memory that has no byte more; none when it is empty. */
static struct str take_line(struct str *rest)
{
    const char *end = memchr(rest->at, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->at) : rest->length;
    char *copy = length ? malloc(length) : NULL;

    if (copy)
        memcpy(copy, rest->at, length);
    rest->at += length + (end != NULL);
    rest->length -= length + (end != NULL);
    return (struct str){ copy, length };
}

static void check_judge(struct str text)
{
    struct str line[6];
    struct cond cond = { .get_or_head = text.length % 2 };
    struct validators there;
    enum cond_verdict verdict;

    for (size_t i = 0; i < COUNT(line); i++)
        line[i] = take_line(&text);
    cond.if_match = line[0];
    cond.if_none_match = line[1];
    cond.if_modified_since = line[2];
    cond.if_unmodified_since = line[3];
    there = (struct validators){ line[4], line[5] };

    verdict = seed__cond_judge(&cond, &there, NOW);
    assert(verdict != COND_NOT_MODIFIED || cond.get_or_head);
    assert(verdict == COND_PROCEED || line[0].at || line[1].at || line[2].at
        || line[3].at);

    /* RFC 9110 13.2.2. */
    if (line[0].at)
        cond.if_unmodified_since = (struct str){ NULL, 0 };
    if (line[1].at)
        cond.if_modified_since = (struct str){ NULL, 0 };
    assert(seed__cond_judge(&cond, &there, NOW) == verdict);

    for (size_t i = 0; i < COUNT(line); i++)
        free((char *)(uintptr_t)line[i].at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = malloc(size + !size);

    memcpy(copy, bytes, size);
    check_list((struct str){copy, size});
    check_date((struct str){copy, size});
    check_judge((struct str){copy, size});
    free(copy);
    return 0;
}
