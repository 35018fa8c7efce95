/* SPDX-License-Identifier: MIT */
#include "http/facts.h"

#include "http/target.h"
#include "http/words.h"

#include <string.h>

/* What was met so far: head->seen. */
enum { HOST = 1, LENGTH = 2, CODING = 4, CLOSE = 8, KEEP_ALIVE = 16 };

static enum head_verdict note_host(struct head *head, struct str value)
{
    const struct field *field = &head->fields[head->count - 1];

    if (head->seen & HOST)
        return HEAD_TWO_HOSTS;
    if (!seed__host_valid(value))
        return HEAD_BAD_HOST;

    head->seen |= HOST;
    head->host = field->value;
    head->host_length = field->value_length;
    return HEAD_OK;
}

/* RFC 9112 6.3: even equal lengths are refused when they come twice or as a
 * list, so that nobody behind or before us can choose another one. */
static enum head_verdict note_length(struct head *head, struct str value)
{
    uint64_t length = 0;

    if (head->seen & LENGTH)
        return HEAD_TWO_LENGTHS;
    if (head->seen & CODING)
        return HEAD_LENGTH_AND_CODING;
    if (!value.length)
        return HEAD_BAD_LENGTH;

    for (size_t i = 0; i < value.length; i++) {
        unsigned digit = (unsigned char)value.at[i] - (unsigned)'0';

        if (digit > 9 || length > ((uint64_t)INT64_MAX - digit) / 10)
            return HEAD_BAD_LENGTH;
        length = length * 10 + digit;
    }
    head->seen |= LENGTH;
    head->has_length = true;
    head->length = length;
    return HEAD_OK;
}

/* Takes the element up to the next comma off a list (RFC 9110 5.6.1). */
static struct str next_element(struct str *list)
{
    const char *comma = memchr(list->at, ',', list->length);
    size_t length = comma ? (size_t)(comma - list->at) : list->length;
    struct str element = { list->at, length };

    list->at += length + (comma != NULL);
    list->length -= length + (comma != NULL);
    return seed__str_trim(element);
}

/* RFC 9112 6.1: what is wrong with a list of codings that is not simply
 * "chunked". A coding that we lack is 501 when the list is well formed. */
static enum head_verdict judge_codings(struct str list)
{
    bool chunked = false, other = false;

    while (list.length) {
        struct str coding = next_element(&list);

        if (chunked || !seed__token_valid(coding))
            return HEAD_BAD_CODING;
        chunked = seed__str_alike(coding, STR("chunked"));
        other |= !chunked;
    }
    return other ? HEAD_OTHER_CODING : HEAD_BAD_CODING;
}

static enum head_verdict note_coding(struct head *head, struct str value)
{
    if (!head->minor)
        return HEAD_CODING_IN_10;
    if (head->seen & LENGTH)
        return HEAD_LENGTH_AND_CODING;
    if (head->seen & CODING)
        return HEAD_BAD_CODING;
    if (!seed__str_alike(value, STR("chunked")))
        return judge_codings(value);

    head->seen |= CODING;
    head->chunked = true;
    return HEAD_OK;
}

/* RFC 9110 7.6.1. Other options are none of the head's business. */
static enum head_verdict note_connection(struct head *head, struct str value)
{
    while (value.length) {
        struct str option = next_element(&value);

        if (seed__str_alike(option, STR("close")))
            head->seen |= CLOSE;
        if (seed__str_alike(option, STR("keep-alive")))
            head->seen |= KEEP_ALIVE;
    }
    return HEAD_OK;
}

/* RFC 9110 10.1.1: from HTTP/1.0 an expectation is passed over. */
static enum head_verdict note_expect(struct head *head, struct str value)
{
    if (!head->minor)
        return HEAD_OK;
    if (!seed__str_alike(value, STR("100-continue")))
        return HEAD_BAD_EXPECT;

    head->expect_continue = true;
    return HEAD_OK;
}

/* By the length of the name, which tells all but a few strangers away. */
static const struct {
    const char *name;
    enum head_verdict (*note)(struct head *head, struct str value);
} known[] = {
    [4] = { "host", note_host },
    [6] = { "expect", note_expect },
    [10] = { "connection", note_connection },
    [14] = { "content-length", note_length },
    [17] = { "transfer-encoding", note_coding },
};

enum head_verdict seed__facts_note(struct head *head, const char *bytes)
{
    const struct field *field = &head->fields[head->count - 1];
    size_t length = field->name_length;
    const char *name = bytes + field->name, *want;

    if (length >= COUNT(known) || !known[length].name)
        return HEAD_OK;

    /* A known name is letters and '-', which no other byte of a token becomes
     * when the bit of the case is set. */
    want = known[length].name;
    while (*want && (*name | 0x20) == *want) {
        name++;
        want++;
    }
    if (*want)
        return HEAD_OK;

    return known[length].note(head,
        (struct str){ bytes + field->value, field->value_length });
}

enum head_verdict seed__facts_settle(struct head *head)
{
    if (head->minor && !(head->seen & HOST))
        return HEAD_NO_HOST;

    /* RFC 9112 9.3: close wins; HTTP/1.0 has to ask for more. */
    head->keep_alive = !(head->seen & CLOSE) &&
        (head->minor || head->seen & KEEP_ALIVE);
    return HEAD_OK;
}
