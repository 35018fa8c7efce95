/* SPDX-License-Identifier: MIT */
/* A route's pattern taken apart (the language is in seed/route.h). A pattern
 * is written as the path is on the wire: what must not stand there as itself
 * is percent-encoded ("/a%20b"), and fixed text is compared decoded. */
#ifndef ROUTE_PATTERN_H
#define ROUTE_PATTERN_H

#include "base/mem.h"
#include "base/str.h"
#include "route/router.h"

/* What a pattern may have at most; it bounds what find walks. */
enum { PATTERN_DEPTH = 64, PATTERN_PARAMS = 64 };

/* "/at/:lat,:lon" has two of them: "at", and one whose prefix is empty and
 * whose parameters are followed by "," and by nothing. */
struct segment {
    struct str prefix;  /* fixed text before the first parameter          */
    struct str *after;  /* after[i] follows parameter i; the last alone
                         * may be empty                                   */
    unsigned params;    /* 0: all of it is fixed                          */
    bool wild;          /* "*", always the last segment                   */
};

struct pattern {
    void *value;
    struct segment *segments;
    struct str *names;  /* of the parameters, in order; NUL-terminated    */
    unsigned count;     /* of segments                                    */
    unsigned params;    /* of names                                       */
};

/* Returns 0, SEED_ENOMEM or SEED_EPATTERN with *why. All memory is the
 * arena's; `text` is copied. */
int seed__pattern_parse(struct pattern **out, const char *text,
    struct arena *arena, const char **why);

/* True when a decoded segment fits. Each parameter ends at the first
 * occurrence of the text that follows it, but the last text stands at the end;
 * none is empty. `params` gets the values (parts of `text`), or is NULL.
 * Linear in the segment's length. Not for "*". */
bool seed__segment_match(const struct segment *segment, struct str text,
    struct param *params);

/* In which order segments of the same prefix are tried: more fixed text first,
 * then more parameters, then by their bytes. 0 when both fit the same texts. */
int seed__segment_compare(const struct segment *a, const struct segment *b);

#endif
