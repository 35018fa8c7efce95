/* SPDX-License-Identifier: MIT */
/* A line in the making: members in objects in arrays, with what must not be
 * written kept out. Members are written once the place that they have is
 * opened; what is closed to them is passed over. */
#ifndef WATCH_LOG_LINE_H
#define WATCH_LOG_LINE_H

#include "watch/log_redact.h"
#include "watch/log_text.h"

#include <seed/field.h>

#include <assert.h>

enum { LINE_DEPTH = 64, LINE_GROUPS = 16 };

struct line {
    struct out out;
    const struct redact *redact; /* NULL: nothing                           */
    bool first;                  /* no comma before the next member         */
    bool brief;                  /* req and res without most of them        */
    const seed_req *known;       /* whose id, for another member, is `id`   */
    const char *id;              /* or NULL: its number                     */
    unsigned depth;
    uint64_t paths[LINE_DEPTH + 1]; /* where redact's paths are at a depth   */
    uint64_t next;                  /* and behind the key that was written   */
    uint64_t arrays;                /* one bit a depth: an array             */
    unsigned index[LINE_DEPTH + 1]; /* of the next element                   */
};

/* Begins a line, or a piece of one, inside its outermost object. */
void seed__line_begin(struct line *line, char *at, char *end,
    const struct redact *redact);

/* A key, and how JSON spells it where it is not to be made anew; no key in an
 * array. */
struct line_key {
    const char *text;
    size_t length;
    const char *spelled;
    size_t spelled_length;
};
bool seed__line_open_judged(struct line *line, const struct line_key *key);

/* Writes a comma and a key. False when the value is not to be written: it was
 * redacted. */
static inline bool seed__line_open(struct line *line, const char *key,
    size_t length)
{
    if (line->redact)
        return seed__line_open_judged(line,
            &(struct line_key){ key, length, NULL, 0 });

    if (!line->first)
        seed__put_char(&line->out, ',');
    line->first = false;
    if (key) {
        seed__put_quoted(&line->out, key, length);
        seed__put_char(&line->out, ':');
    }
    return true;
}

/* The same for a key that is written here, as it is. */
#define LINE_OPEN(line, key) \
    ((line)->redact ? seed__line_open((line), key, sizeof(key) - 1) \
                    : line_put_key((line), ",\"" key "\":", sizeof(key) + 3))

static inline bool line_put_key(struct line *line, const char *spelled,
    size_t length)
{
    seed__put(&line->out, spelled + line->first, length - line->first);
    line->first = false;
    return true;
}

/* Enters an object '{' or an array '[' in a place that is open; at most
 * LINE_DEPTH of them. */
static inline void seed__line_push(struct line *line, char bracket)
{
    uint64_t bit;

    assert(line->depth < LINE_DEPTH);
    bit = (uint64_t)1 << line->depth++;
    line->arrays = bracket == '[' ? line->arrays | bit : line->arrays & ~bit;
    line->paths[line->depth] = line->next;
    line->index[line->depth] = 0;
    line->first = true;
    seed__put_char(&line->out, bracket);
}

static inline bool line_in_array(const struct line *line)
{
    return line->depth && line->arrays >> (line->depth - 1) & 1;
}

static inline void seed__line_leave(struct line *line)
{
    seed__put_char(&line->out, line_in_array(line) ? ']' : '}');
    line->depth--;
    line->first = false;
}

/* Elements of an array. */
void seed__line_element(struct line *line, const char *text, size_t length);

/* A string in a place that is open; NULL is null. */
void seed__line_string(struct line *line, const char *text);

/* Fields up to the last. */
void seed__line_fields(struct line *line, const seed_log_field *field);

/* log_raw.c: JSON text as the value of a key that is open, redacted. */
void seed__line_raw(struct line *line, const char *text, size_t length);

#endif
