/* SPDX-License-Identifier: MIT */
/* Preconditions of a request, RFC 9110 13: fields in, verdict out. */
#ifndef HTTP_COND_H
#define HTTP_COND_H

#include "base/str.h"

#include <stdint.h>

/* The request's side. A field that it does not have has a NULL `at`; lines of
 * one name are joined by commas. */
struct cond {
    bool get_or_head;
    struct str if_match, if_none_match;
    struct str if_modified_since, if_unmodified_since;
};

/* What is there now. Without both validators there is nothing there. */
struct validators {
    struct str etag;          /* as the field is sent, or a NULL `at`      */
    struct str last_modified; /* likewise; ignored when it is not a date   */
};

enum cond_verdict {
    COND_PROCEED,
    COND_NOT_MODIFIED, /* 304 */
    COND_FAILED        /* 412 */
};

/* Judges in the order of RFC 9110 13.2.2, `now` as for seed__date_parse(). */
enum cond_verdict seed__cond_judge(const struct cond *cond,
    const struct validators *there, int64_t now);

enum cond_match {
    COND_MATCHES,
    COND_DIFFERS,
    COND_MALFORMED /* not a list of entity-tags, wherever the error is */
};

/* Compares an entity-tag with "*" or a list of them (RFC 9110 8.8.3.2): a
 * strong comparison never holds for a weak tag. A NULL `at` of `etag` means
 * that there is none, which "*" still matches when `exists`. */
enum cond_match seed__cond_match(struct str list, struct str etag,
    bool exists, bool strong);

/* True for an entity-tag: a quoted string without blanks, "W/" before it or
 * not (RFC 9110 8.8.3). */
bool seed__etag_valid(struct str text);

#endif
