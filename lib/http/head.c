/* SPDX-License-Identifier: MIT */
/* One pass over the bytes, line by line:
 *
 *     start --> line --> fields --> done
 *      |  ^      |          |  ^
 *      +--+      |          +--+ one turn a field
 *     CR LF      method SP target SP HTTP/1.x CR LF
 *
 * head->line is where the line begins that is not whole yet; a call starts
 * there again. Every verdict follows from the bytes in their order, never from
 * how many have come: a byte that is wrong is refused when it comes, and a
 * line that is too long when its first byte too many comes. */
#include "http/head.h"

#include "base/scan.h"
#include "http/facts.h"
#include "http/target.h"
#include "http/words.h"

#include <string.h>

enum phase { START, LINE, FIELDS, DONE };

enum { METHOD_MAX = 24, EMPTY_LINES_MAX = 2, TLS_HANDSHAKE = 0x16 };

struct reader {
    struct head *head;
    const struct head_limits *limits;
    const char *bytes; /* the head's first                                */
    const char *at;
    const char *end;   /* of what may be looked at                        */
    const char *stop;  /* of what may belong to this line                 */
    enum head_verdict dry; /* what it means to arrive at stop             */
};

static const struct {
    int status;
    const char *sentence;
} verdicts[] = {
#define X(name, status, text) { status, text },
    HEAD_VERDICTS(X)
#undef X
};

int seed__head_status(enum head_verdict verdict)
{
    return verdicts[verdict].status;
}

const char *seed__head_sentence(enum head_verdict verdict)
{
    return verdicts[verdict].sentence;
}

void seed__head_begin(struct head *head, struct field *fields, uint16_t room)
{
    *head = (struct head){ .fields = fields, .room = room, .phase = START };
}

/* A line of `limit` bytes may have a CR behind them, and nothing else. */
static void begin_line(struct reader *reader, size_t limit,
    enum head_verdict too_long)
{
    reader->at = reader->bytes + reader->head->line;
    reader->stop = reader->end;
    reader->dry = HEAD_MORE;
    if ((size_t)(reader->end - reader->at) > limit) {
        reader->stop = reader->at + limit + 1;
        reader->dry = too_long;
    }
}

/* At the LF that has to follow a CR. */
static enum head_verdict end_line(struct reader *reader)
{
    if (reader->at == reader->end)
        return HEAD_MORE;
    if (*reader->at != '\n')
        return HEAD_BAD_LINE_END;

    reader->at++;
    reader->head->line = (uint32_t)(reader->at - reader->bytes);
    return HEAD_OK;
}

/* RFC 9112 2.2 wants at least one empty line to be passed over, for clients
 * that send a CR LF behind a body; some send one before a request as well. */
static enum head_verdict skip_empty_lines(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at == '\r') {
        enum head_verdict verdict;

        if (reader->at - reader->bytes == 2 * EMPTY_LINES_MAX)
            return HEAD_BAD_EMPTY_LINES;
        reader->at++;
        verdict = end_line(reader);
        if (verdict != HEAD_OK)
            return verdict;
    }
    if (reader->at == reader->end)
        return HEAD_MORE;

    reader->head->phase = LINE;
    return HEAD_OK;
}

/* Why a line ends where it should not, if it does at all. */
static enum head_verdict blame(char byte, enum head_verdict otherwise)
{
    return byte == '\n' ? HEAD_BAD_LINE_END
        : byte == '\r'  ? HEAD_BAD_LINE
                        : otherwise;
}

static enum head_verdict read_method(struct reader *reader)
{
    struct head *head = reader->head;
    const char *start = reader->at, *stop = reader->stop;

    if (stop - start > METHOD_MAX + 1)
        stop = start + METHOD_MAX + 1;
    reader->at = seed__scan_class(start, stop, BYTE_TOKEN);
    if (reader->at - start > METHOD_MAX)
        return HEAD_UNKNOWN_METHOD;
    if (reader->at == reader->stop)
        return reader->dry;
    if (*start == TLS_HANDSHAKE)
        return HEAD_TLS;
    if (reader->at == start || *reader->at != ' ')
        return blame(*reader->at, HEAD_BAD_METHOD);

    head->method = (uint16_t)(start - reader->bytes);
    head->method_length = (uint16_t)(reader->at++ - start);
    return HEAD_OK;
}

static enum head_verdict read_target(struct reader *reader)
{
    struct head *head = reader->head;
    const char *start = reader->at;

    reader->at = seed__scan_target(start, reader->stop);
    if (reader->at == reader->stop)
        return reader->dry;
    if (reader->at == start && *start == ' ')
        return HEAD_BAD_LINE;
    if (reader->at == start || *reader->at != ' ')
        return blame(*reader->at, HEAD_BAD_TARGET);

    head->target = (uint16_t)(start - reader->bytes);
    head->target_length = (uint16_t)(reader->at++ - start);
    return HEAD_OK;
}

static enum head_verdict read_version(struct reader *reader)
{
    static const char shape[] = "HTTP/0.0\r", usual[] = "HTTP/1.1\r";
    const char *start = reader->at;

    if (reader->stop - start >= 9 && !memcmp(start, usual, 9)) {
        reader->head->minor = 1;
        reader->at += 9;
        return end_line(reader);
    }

    for (const char *want = shape; *want; want++, reader->at++) {
        bool good;

        if (reader->at == reader->stop)
            return reader->dry;
        good = *want == '0' ? seed__byte_is(*reader->at, BYTE_DIGIT)
                            : *reader->at == *want;
        if (!good)
            return blame(*reader->at, HEAD_BAD_VERSION);
    }
    if (start[5] != '1')
        return HEAD_OTHER_VERSION;

    /* RFC 9110 2.5: a higher minor version is spoken to as 1.1. */
    reader->head->minor = start[7] != '0';
    return end_line(reader);
}

static enum head_verdict judge_target(const struct reader *reader)
{
    const struct head *head = reader->head;
    struct str method = { reader->bytes + head->method, head->method_length };
    struct str target = { reader->bytes + head->target, head->target_length };
    bool connect;

    /* Nearly all. */
    if (*target.at == '/' && method.length < strlen("CONNECT"))
        return HEAD_OK;

    connect = seed__str_same(method, STR("CONNECT"));
    switch (seed__target_form(target)) {
    case TARGET_ORIGIN:
    case TARGET_ABSOLUTE:
        return connect ? HEAD_BAD_TARGET : HEAD_OK;
    case TARGET_AUTHORITY:
        return connect ? HEAD_OK : HEAD_BAD_TARGET;
    case TARGET_ASTERISK:
        if (seed__str_same(method, STR("OPTIONS")))
            return HEAD_OK;
        /* Other protocols' methods (M-SEARCH) may know this form. */
        return seed__method_known(method) ? HEAD_BAD_TARGET
                                          : HEAD_UNKNOWN_METHOD;
    case TARGET_BAD:
        break;
    }
    return HEAD_BAD_TARGET;
}

static enum head_verdict read_line(struct reader *reader)
{
    enum head_verdict verdict;

    begin_line(reader, reader->limits->line, HEAD_LONG_LINE);
    verdict = read_method(reader);
    if (verdict == HEAD_OK)
        verdict = read_target(reader);
    if (verdict == HEAD_OK)
        verdict = read_version(reader);
    if (verdict == HEAD_OK)
        verdict = judge_target(reader);
    if (verdict == HEAD_OK)
        reader->head->phase = FIELDS;
    return verdict;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* A name that is empty or does not end with a colon. */
static enum head_verdict blame_name(const struct reader *reader, bool empty)
{
    if (empty && is_blank(*reader->at) && reader->head->count)
        return HEAD_FOLDED;

    return *reader->at == '\n' ? HEAD_BAD_LINE_END : HEAD_BAD_NAME;
}

static enum head_verdict read_name(struct reader *reader, struct field *field)
{
    const char *start = reader->at;

    reader->at = seed__scan_class(start, reader->stop, BYTE_TOKEN);
    if (reader->at == reader->stop)
        return reader->dry;
    if (reader->at == start || *reader->at != ':')
        return blame_name(reader, reader->at == start);

    field->name = (uint16_t)(start - reader->bytes);
    field->name_length = (uint16_t)(reader->at++ - start);
    return HEAD_OK;
}

static enum head_verdict read_value(struct reader *reader, struct field *field)
{
    const char *start = reader->at, *end;

    while (start < reader->stop && is_blank(*start))
        start++;
    end = reader->at = seed__scan_text(start, reader->stop);
    if (reader->at == reader->stop)
        return reader->dry;
    if (*reader->at != '\r')
        return *reader->at == '\n' ? HEAD_BAD_LINE_END : HEAD_BAD_VALUE;

    while (end > start && is_blank(end[-1]))
        end--;
    field->value = (uint16_t)(start - reader->bytes);
    field->value_length = (uint16_t)(end - start);
    reader->at++;
    return end_line(reader);
}

static enum head_verdict read_field(struct reader *reader)
{
    struct head *head = reader->head;
    struct field *field = &head->fields[head->count];
    enum head_verdict verdict;

    if (head->count >= head->room || head->count >= reader->limits->fields)
        return HEAD_MANY_FIELDS;

    begin_line(reader, reader->limits->field, HEAD_LONG_FIELD);
    verdict = read_name(reader, field);
    if (verdict == HEAD_OK)
        verdict = read_value(reader, field);
    if (verdict != HEAD_OK)
        return verdict;

    head->count++;
    return seed__facts_note(head, reader->bytes);
}

/* RFC 9110 9.3.8: a client must not send content with TRACE. Its end would be
 * found like any other's; what it is for, nobody knows. */
static enum head_verdict judge_content(const struct reader *reader)
{
    const struct head *head = reader->head;
    struct str method = { reader->bytes + head->method, head->method_length };

    if ((head->chunked || head->length)
        && seed__str_same(method, STR("TRACE")))
        return HEAD_TRACE_CONTENT;
    return HEAD_OK;
}

static enum head_verdict read_fields(struct reader *reader)
{
    struct head *head = reader->head;
    enum head_verdict verdict = HEAD_OK;

    while (verdict == HEAD_OK) {
        reader->at = reader->bytes + head->line;
        if (reader->at == reader->end)
            return HEAD_MORE;
        if (*reader->at == '\r')
            break;
        verdict = read_field(reader);
    }
    if (verdict != HEAD_OK)
        return verdict;

    reader->at++;
    verdict = end_line(reader);
    if (verdict != HEAD_OK)
        return verdict;

    head->phase = DONE;
    head->size = head->line;
    verdict = seed__facts_settle(head);
    return verdict == HEAD_OK ? judge_content(reader) : verdict;
}

enum head_verdict seed__head_check(struct head *head, const char *bytes,
    size_t length, const struct head_limits *limits)
{
    bool cut = length >= limits->head;
    struct reader reader = {
        .head = head,
        .limits = limits,
        .bytes = bytes,
        .at = bytes + head->line,
        .end = bytes + (cut ? limits->head : length),
    };
    enum head_verdict verdict = HEAD_OK;

    if (head->phase == START)
        verdict = skip_empty_lines(&reader);
    if (verdict == HEAD_OK && head->phase == LINE)
        verdict = read_line(&reader);
    if (verdict == HEAD_OK && head->phase == FIELDS)
        verdict = read_fields(&reader);

    /* Without an end within the limit, no byte to come makes it good. */
    return verdict == HEAD_MORE && cut ? HEAD_LONG_HEAD : verdict;
}
