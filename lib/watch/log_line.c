/* SPDX-License-Identifier: MIT */
#include "watch/log_line.h"

#include "watch/log_http.h"

/* A value's place is open: its name is written. */
typedef void value_writer(struct line *line, const seed_log_field *field);

void seed__line_begin(struct line *line, char *at, char *end,
    const struct redact *redact)
{
    line->out = (struct out){ at, end, false };
    line->redact = redact;
    line->first = line->brief = false;
    line->known = NULL;
    line->depth = 0;
    line->arrays = 0;
    line->next = 0;
    line->paths[0] = redact ? redact->all : 0;
}

static void put_comma(struct line *line)
{
    if (!line->first)
        seed__put_char(&line->out, ',');
    line->first = false;
}

static void put_key(struct line *line, const struct line_key *key)
{
    put_comma(line);
    if (key->spelled)
        seed__put_raw(&line->out, key->spelled, key->spelled_length);
    else if (key->text)
        seed__put_quoted(&line->out, key->text, key->length);
    if (key->text)
        seed__put_char(&line->out, ':');
}

/* An element that is removed is null, as in JSON.stringify(): others keep
 * their places. */
static void put_redacted(struct line *line, const struct line_key *key)
{
    bool remove = line->redact->remove;

    if (remove && !line_in_array(line))
        return;

    put_key(line, key);
    if (remove)
        PUT(&line->out, "null");
    else
        seed__put(&line->out, line->redact->censor,
            line->redact->censor_length);
}

bool seed__line_open_judged(struct line *line, const struct line_key *key)
{
    uint64_t here = line->paths[line->depth];
    char number[24];
    struct out digits = { number, number + sizeof number, false };
    bool hit = false;

    line->next = 0;
    if (here && line_in_array(line)) {
        seed__put_uint(&digits, line->index[line->depth]++);
        line->next = seed__redact_step(line->redact, here, line->depth,
            number, (size_t)(digits.at - number), &hit);
    } else if (here && key->text) {
        line->next = seed__redact_step(line->redact, here, line->depth,
            key->text, key->length, &hit);
    }
    if (hit)
        put_redacted(line, key);
    else
        put_key(line, key);
    return !hit;
}

void seed__line_element(struct line *line, const char *text, size_t length)
{
    if (seed__line_open(line, NULL, 0))
        seed__put_quoted(&line->out, text, length);
}

void seed__line_string(struct line *line, const char *text)
{
    if (text)
        seed__put_quoted(&line->out, text, strlen(text));
    else
        PUT(&line->out, "null");
}

/* --- fields --------------------------------------------------------------- */

static void put_text(struct line *line, const seed_log_field *field)
{
    seed__put_quoted(&line->out, field->value.thing, field->length);
}

static void put_int(struct line *line, const seed_log_field *field)
{
    seed__put_int(&line->out, field->value.integer);
}

static void put_uint(struct line *line, const seed_log_field *field)
{
    seed__put_uint(&line->out, field->value.natural);
}

static void put_double(struct line *line, const seed_log_field *field)
{
    seed__put_double(&line->out, field->value.number);
}

static void put_bool(struct line *line, const seed_log_field *field)
{
    if (field->value.integer)
        PUT(&line->out, "true");
    else
        PUT(&line->out, "false");
}

static void put_null(struct line *line, const seed_log_field *field)
{
    (void)field;
    PUT(&line->out, "null");
}

static void put_raw(struct line *line, const seed_log_field *field)
{
    seed__line_raw(line, field->value.thing, field->length);
}

static value_writer *const writers[SEED_LOG_KINDS] = {
    [SEED_LOG_NULL] = put_null,
    [SEED_LOG_TEXT] = put_text,
    [SEED_LOG_INT] = put_int,
    [SEED_LOG_UINT] = put_uint,
    [SEED_LOG_DOUBLE] = put_double,
    [SEED_LOG_BOOL] = put_bool,
    [SEED_LOG_RAW] = put_raw,
    [SEED_LOG_REQ] = seed__line_req,
    [SEED_LOG_RES] = seed__line_res,
    [SEED_LOG_FAULT] = seed__line_fault,
    [SEED_LOG_ERRNO] = seed__line_errno,
};

/* The field behind the object or array that begins here. */
static const seed_log_field *pass_over(const seed_log_field *field)
{
    unsigned open = 0;

    for (; field->kind != SEED_LOG_LAST; field++) {
        open += field->kind == SEED_LOG_OBJECT
            || field->kind == SEED_LOG_ARRAY;
        if (field->kind == SEED_LOG_END && !--open)
            return field + 1;
    }
    return field;
}

static const seed_log_field *put_group(struct line *line,
    const seed_log_field *field)
{
    if (line->depth >= LINE_GROUPS) {
        PUT(&line->out, "null");
        return pass_over(field);
    }
    seed__line_push(line, field->kind == SEED_LOG_OBJECT ? '{' : '[');
    return field + 1;
}

/* A key where there can be none is left out, and one that is missing is empty:
 * the line is JSON whatever the fields are. */
static const seed_log_field *put_field(struct line *line,
    const seed_log_field *field)
{
    bool group = field->kind == SEED_LOG_OBJECT
        || field->kind == SEED_LOG_ARRAY;
    const char *key = field->key ? field->key : "";
    size_t length = field->key_length;

    if (line_in_array(line)) {
        key = NULL;
        length = 0;
    }
    if (!seed__line_open(line, key, length))
        return group ? pass_over(field) : field + 1;
    if (group)
        return put_group(line, field);

    writers[field->kind](line, field);
    return field + 1;
}

void seed__line_fields(struct line *line, const seed_log_field *field)
{
    unsigned outer = line->depth;

    while (field && field->kind != SEED_LOG_LAST) {
        if (field->kind != SEED_LOG_END) {
            field = put_field(line, field);
            continue;
        }
        if (line->depth > outer)
            seed__line_leave(line);
        field++;
    }
    while (line->depth > outer)
        seed__line_leave(line);
}
