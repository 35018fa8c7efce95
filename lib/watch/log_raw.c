/* SPDX-License-Identifier: MIT */
/* JSON text as a value. It is copied as it is, unless there is something to
 * redact in it: then it is read, member by member. A text that turns out to be
 * no JSON is redacted whole, for what cannot be read cannot be judged. */
#include "watch/log_line.h"

enum { KEY_ROOM = 256 };

/* Where the text is read; `outer` is how deep the line was before it. */
struct reader {
    const char *at, *end;
    unsigned outer;
    bool begun; /* this object or array has had a member */
    bool bad;
};

static char peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\0';
}

static void skip_blanks(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t'
        || peek(reader) == '\n' || peek(reader) == '\r')
        reader->at++;
}

static bool take(struct reader *reader, char wanted)
{
    skip_blanks(reader);
    if (peek(reader) != wanted)
        return false;
    reader->at++;
    return true;
}

/* The inside of a string; the reader is behind its first quote, and then
 * behind its last. */
static size_t read_string(struct reader *reader, const char **inside)
{
    const char *start = *inside = reader->at;

    while (reader->at < reader->end && *reader->at != '"') {
        bool escape = *reader->at == '\\';

        if ((unsigned char)*reader->at < 0x20)
            reader->bad = true;
        reader->at += escape && reader->end - reader->at > 1 ? 2 : 1;
    }
    if (reader->at >= reader->end) {
        reader->bad = true;
        return 0;
    }
    return (size_t)(reader->at++ - start);
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Four hex digits, or -1. */
static long read_unit(const char *at, const char *end)
{
    long unit = 0;

    for (int i = 0; i < 4; i++) {
        int digit = end - at > i ? digit_of(at[i]) : -1;

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void put_utf8(struct out *out, unsigned long point)
{
    char bytes[4] = { (char)(0xf0 | point >> 18),
        (char)(0x80 | (point >> 12 & 63)), (char)(0x80 | (point >> 6 & 63)),
        (char)(0x80 | (point & 63)) };
    int skip = point < 0x80 ? 3 : point < 0x800 ? 2 : point < 0x10000 ? 1 : 0;

    if (skip == 3)
        bytes[3] = (char)point;
    else if (skip == 2)
        bytes[2] = (char)(0xc0 | point >> 6);
    else if (skip == 1)
        bytes[1] = (char)(0xe0 | point >> 12);
    seed__put(out, bytes + skip, 4u - (unsigned)skip);
}

/* "\uXXXX", with the second half of a pair behind it. Returns what is behind,
 * or NULL. `at` is behind the "u". */
static const char *decode_unit(struct out *out, const char *at,
    const char *end)
{
    long first = read_unit(at, end), second = -1;

    if (first < 0)
        return NULL;
    at += 4;
    if (first >= 0xd800 && first < 0xdc00 && end - at > 1 && at[0] == '\\'
        && at[1] == 'u')
        second = read_unit(at + 2, end);
    if (second >= 0xdc00 && second < 0xe000) {
        first = 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00);
        at += 6;
    }
    put_utf8(out, (unsigned long)first);
    return at;
}

/* A key as it is compared: "pass\u0077ord" is "password" too. One that does
 * not fit is longer than any part of a path, but for "*". */
static size_t decode_key(struct reader *reader, char *key, const char *text,
    size_t length)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    struct out out = { key, key + KEY_ROOM, false };
    const char *end = text + length;

    while (text && text < end && !out.full) {
        const char *name;

        if (*text != '\\') {
            seed__put_char(&out, *text++);
            continue;
        }
        if (text[1] == 'u') {
            text = decode_unit(&out, text + 2, end);
            continue;
        }
        name = strchr(names, text[1]);
        if (name && *name)
            seed__put_char(&out, means[name - names]);
        text = name && *name ? text + 2 : NULL;
    }
    reader->bad |= text == NULL;
    return out.full ? SIZE_MAX : (size_t)(out.at - key);
}

/* What is neither a string nor holds others. */
static bool skip_word(struct reader *reader)
{
    static const char *const words[] = { "true", "false", "null" };
    const char *start = reader->at;

    for (int i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);

        if ((size_t)(reader->end - start) >= length
            && !memcmp(start, words[i], length)) {
            reader->at += length;
            return true;
        }
    }
    while (reader->at < reader->end && strchr("+-.0123456789eE", *reader->at)
        && *reader->at)
        reader->at++;
    return reader->at > start;
}

static void leave_all(struct line *line, const struct reader *reader)
{
    while (line->depth > reader->outer)
        seed__line_leave(line);
}

/* Passes over a value that is not to be written. */
static void skip_value(struct reader *reader)
{
    unsigned depth = 0;
    const char *inside;

    do {
        skip_blanks(reader);
        if (take(reader, '{') || take(reader, '['))
            depth++;
        else if (depth && (take(reader, '}') || take(reader, ']')))
            depth--;
        else if (take(reader, '"'))
            read_string(reader, &inside);
        else if (!(depth && (take(reader, ',') || take(reader, ':')))
            && !skip_word(reader))
            reader->bad = true;
    } while (depth && !reader->bad);
}

/* Writes a value, or enters it. The place for it is open. */
static void begin_value(struct line *line, struct reader *reader)
{
    const char *start;

    skip_blanks(reader);
    start = reader->at;
    if (line->depth < LINE_DEPTH && (peek(reader) == '{'
            || peek(reader) == '[')) {
        seed__line_push(line, *reader->at++);
        reader->begun = false;
        return;
    }
    skip_value(reader);
    seed__put_raw(&line->out, start, (size_t)(reader->at - start));
}

/* A name and its colon. */
static void read_key(struct reader *reader, char *room, struct line_key *key)
{
    const char *inside;
    size_t length;

    if (!take(reader, '"')) {
        reader->bad = true;
        return;
    }
    length = read_string(reader, &inside);
    key->text = room;
    key->length = decode_key(reader, room, inside, length);
    key->spelled = inside - 1;
    key->spelled_length = length + 2;
    reader->bad |= !take(reader, ':');
}

/* The next member, behind a comma where there must be one. */
static void read_member(struct line *line, struct reader *reader, bool array)
{
    char room[KEY_ROOM];
    struct line_key key = { 0 };

    if (reader->begun && !take(reader, ','))
        reader->bad = true;
    if (!array)
        read_key(reader, room, &key);
    if (reader->bad)
        return;

    reader->begun = true;
    if (seed__line_open_judged(line, &key))
        begin_value(line, reader);
    else
        skip_value(reader);
}

static void read_all(struct line *line, struct reader *reader)
{
    begin_value(line, reader);
    while (line->depth > reader->outer && !reader->bad && !line->out.full) {
        bool array = line->arrays >> (line->depth - 1) & 1;

        if (!take(reader, array ? ']' : '}')) {
            read_member(line, reader, array);
            continue;
        }
        seed__line_leave(line);
        reader->begun = true;
    }
    skip_blanks(reader);
    reader->bad |= reader->at < reader->end && !line->out.full;
}

void seed__line_raw(struct line *line, const char *text, size_t length)
{
    struct reader reader = { text, text + length, line->depth, false, false };
    char *start = line->out.at;

    if (!line->next) {
        seed__put_raw(&line->out, text, length);
        return;
    }
    read_all(line, &reader);
    if (!reader.bad)
        return;

    leave_all(line, &reader);
    line->out.at = start;
    seed__put(&line->out, line->redact->censor, line->redact->censor_length);
}
