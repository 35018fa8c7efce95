/* SPDX-License-Identifier: MIT */
#include "http/cond.h"

#include "http/date.h"

#include <string.h>

struct tag {
    struct str opaque; /* with its quotes */
    bool weak;
};

/* etagc of RFC 9110 8.8.3: no blank, no quote, no control, no DEL. */
static bool tag_byte(unsigned char c)
{
    return c > ' ' && c != '"' && c != 0x7f;
}

/* Takes an entity-tag off the front of a text. */
static bool take_tag(struct str *text, struct tag *out)
{
    const char *at = text->at, *end = at + text->length, *start;

    out->weak = text->length >= 2 && memcmp(at, "W/", 2) == 0;
    if (out->weak)
        at += 2;

    start = at;
    if (at == end || *at++ != '"')
        return false;
    while (at < end && tag_byte((unsigned char)*at))
        at++;
    if (at == end || *at++ != '"')
        return false;

    out->opaque = (struct str){start, (size_t)(at - start)};
    *text = (struct str){at, (size_t)(end - at)};
    return true;
}

static bool read_tag(struct str text, struct tag *out)
{
    return text.at && take_tag(&text, out) && text.length == 0;
}

bool seed__etag_valid(struct str text)
{
    struct tag tag;

    return read_tag(text, &tag);
}

static bool same(const struct tag *a, const struct tag *b, bool strong)
{
    if (strong && (a->weak || b->weak))
        return false;
    return seed__str_same(a->opaque, b->opaque);
}

static struct str without_first(struct str text)
{
    return (struct str){text.at + 1, text.length - 1};
}

/* RFC 9110, 5.6.1.2: empty members of a list are passed over. */
static struct str pass_empty(struct str list)
{
    while (list.length
        && (*list.at == ' ' || *list.at == '\t' || *list.at == ','))
        list = without_first(list);
    return list;
}

enum cond_match seed__cond_match(struct str list, struct str etag,
    bool exists, bool strong)
{
    struct tag ours, theirs;
    bool has_tag = read_tag(etag, &ours), found = false;

    list = seed__str_trim(list);
    if (seed__str_same(list, STR("*")))
        return exists ? COND_MATCHES : COND_DIFFERS;

    for (list = pass_empty(list); list.length; list = pass_empty(list)) {
        if (!take_tag(&list, &theirs))
            return COND_MALFORMED;
        list = seed__str_trim(list);
        if (list.length && *list.at != ',')
            return COND_MALFORMED;
        found |= has_tag && same(&ours, &theirs, strong);
    }
    return found ? COND_MATCHES : COND_DIFFERS;
}

/* Both functions return true when the request may go on. A list that cannot
 * be read is no reason to keep a page from a reader, but one to keep a writer
 * from changing what he meant to protect. */
static bool if_match_holds(const struct cond *cond,
    const struct validators *there, bool exists)
{
    return seed__cond_match(cond->if_match, there->etag, exists, true)
        == COND_MATCHES;
}

static bool if_none_match_holds(const struct cond *cond,
    const struct validators *there, bool exists)
{
    enum cond_match match =
        seed__cond_match(cond->if_none_match, there->etag, exists, false);

    return match == COND_DIFFERS
        || (match == COND_MALFORMED && cond->get_or_head);
}

/* True when there is a date in both, and what is there is newer. `known` tells
 * whether the two could be compared at all: RFC 9110 13.1.3 and 13.1.4 ignore
 * the field otherwise. */
static bool newer(struct str since, const struct validators *there,
    int64_t now, bool *known)
{
    int64_t then, last;

    *known = since.at && there->last_modified.at
        && seed__date_parse(seed__str_trim(since), now, &then)
        && seed__date_parse(seed__str_trim(there->last_modified), now, &last);
    return *known && last > then;
}

enum cond_verdict seed__cond_judge(const struct cond *cond,
    const struct validators *there, int64_t now)
{
    bool exists = there->etag.at || there->last_modified.at, known;

    if (cond->if_match.at) {
        if (!if_match_holds(cond, there, exists))
            return COND_FAILED;
    } else if (newer(cond->if_unmodified_since, there, now, &known)) {
        return COND_FAILED;
    }

    if (cond->if_none_match.at) {
        if (if_none_match_holds(cond, there, exists))
            return COND_PROCEED;
        return cond->get_or_head ? COND_NOT_MODIFIED : COND_FAILED;
    }
    if (!cond->get_or_head)
        return COND_PROCEED;
    if (!newer(cond->if_modified_since, there, now, &known) && known)
        return COND_NOT_MODIFIED;
    return COND_PROCEED;
}
