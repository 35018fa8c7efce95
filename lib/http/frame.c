/* SPDX-License-Identifier: MIT */
/* One table says which byte may follow which (RFC 9112 7.1):
 *
 *     size ; name = value CR LF  data CR LF  ...  0 CR LF
 *     name: value CR LF  ...  CR LF
 *
 * What the table does not allow is malformed. The method plays no part: a GET
 * with a body has one (RFC 9112 6). */
#include "http/frame.h"

#include "base/scan.h"

enum state {
    BAD, /* 0: whatever the table leaves out */
    BODY,
    END,
    SIZE_FIRST,
    SIZE,
    GAP, /* blanks before a ';' */
    NAME_FIRST,
    NAME,
    NAME_GAP,
    VALUE_FIRST,
    VALUE,
    QUOTED,
    ESCAPED,
    QUOTED_END,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LINE,
    FIELD_NAME,
    FIELD_GAP,
    FIELD_VALUE,
    FIELD_LF,
    END_LF,
    STATES
};

enum class { HEX, TOKEN, SEMI, EQUAL, BLANK, QUOTE, SLASH, COLON, CR, LF, TEXT,
    CONTROL, CLASSES };

/* clang-format off */
static const uint8_t table[STATES][CLASSES] = {
    [SIZE_FIRST]  = { [HEX] = SIZE },
    [SIZE]        = { [HEX] = SIZE, [BLANK] = GAP, [SEMI] = NAME_FIRST,
                      [CR] = SIZE_LF },
    [GAP]         = { [BLANK] = GAP, [SEMI] = NAME_FIRST },
    [NAME_FIRST]  = { [BLANK] = NAME_FIRST, [HEX] = NAME, [TOKEN] = NAME },
    [NAME]        = { [HEX] = NAME, [TOKEN] = NAME, [BLANK] = NAME_GAP,
                      [EQUAL] = VALUE_FIRST, [SEMI] = NAME_FIRST,
                      [CR] = SIZE_LF },
    [NAME_GAP]    = { [BLANK] = NAME_GAP, [EQUAL] = VALUE_FIRST,
                      [SEMI] = NAME_FIRST },
    [VALUE_FIRST] = { [BLANK] = VALUE_FIRST, [HEX] = VALUE, [TOKEN] = VALUE,
                      [QUOTE] = QUOTED },
    [VALUE]       = { [HEX] = VALUE, [TOKEN] = VALUE, [BLANK] = GAP,
                      [SEMI] = NAME_FIRST, [CR] = SIZE_LF },
    [QUOTED]      = { [HEX] = QUOTED, [TOKEN] = QUOTED, [SEMI] = QUOTED,
                      [EQUAL] = QUOTED, [BLANK] = QUOTED, [COLON] = QUOTED,
                      [TEXT] = QUOTED, [QUOTE] = QUOTED_END,
                      [SLASH] = ESCAPED },
    [ESCAPED]     = { [HEX] = QUOTED, [TOKEN] = QUOTED, [SEMI] = QUOTED,
                      [EQUAL] = QUOTED, [BLANK] = QUOTED, [COLON] = QUOTED,
                      [TEXT] = QUOTED, [QUOTE] = QUOTED, [SLASH] = QUOTED },
    [QUOTED_END]  = { [BLANK] = GAP, [SEMI] = NAME_FIRST, [CR] = SIZE_LF },
    [SIZE_LF]     = { [LF] = DATA },
    [DATA_CR]     = { [CR] = DATA_LF },
    [DATA_LF]     = { [LF] = SIZE_FIRST },
    [LINE]        = { [HEX] = FIELD_NAME, [TOKEN] = FIELD_NAME,
                      [CR] = END_LF },
    [FIELD_NAME]  = { [HEX] = FIELD_NAME, [TOKEN] = FIELD_NAME,
                      [COLON] = FIELD_GAP },
    [FIELD_GAP]   = { [BLANK] = FIELD_GAP, [HEX] = FIELD_VALUE,
                      [TOKEN] = FIELD_VALUE, [SEMI] = FIELD_VALUE,
                      [EQUAL] = FIELD_VALUE, [QUOTE] = FIELD_VALUE,
                      [SLASH] = FIELD_VALUE, [COLON] = FIELD_VALUE,
                      [TEXT] = FIELD_VALUE, [CR] = FIELD_LF },
    [FIELD_VALUE] = { [BLANK] = FIELD_VALUE, [HEX] = FIELD_VALUE,
                      [TOKEN] = FIELD_VALUE, [SEMI] = FIELD_VALUE,
                      [EQUAL] = FIELD_VALUE, [QUOTE] = FIELD_VALUE,
                      [SLASH] = FIELD_VALUE, [COLON] = FIELD_VALUE,
                      [TEXT] = FIELD_VALUE, [CR] = FIELD_LF },
    [FIELD_LF]    = { [LF] = LINE },
    [END_LF]      = { [LF] = END },
};
/* clang-format on */

static enum class class_of(char byte)
{
    if (seed__byte_is(byte, BYTE_HEX))
        return HEX;
    if (seed__byte_is(byte, BYTE_TOKEN))
        return TOKEN;

    switch (byte) {
    case '\r':
        return CR;
    case '\n':
        return LF;
    case ';':
        return SEMI;
    case '=':
        return EQUAL;
    case ' ':
    case '\t':
        return BLANK;
    case '"':
        return QUOTE;
    case '\\':
        return SLASH;
    case ':':
        return COLON;
    }
    return (unsigned char)byte < 0x20 || byte == 0x7f ? CONTROL : TEXT;
}

/* RFC 9110 6.5.1: what must not come behind a body. */
static bool is_forbidden(struct str name)
{
    static const struct str forbidden[] = {
        STR("TE"), STR("Host"), STR("Range"), STR("Cookie"), STR("Expect"),
        STR("Pragma"), STR("Trailer"), STR("Upgrade"), STR("If-Match"),
        STR("If-Range"), STR("Forwarded"), STR("Connection"),
        STR("Keep-Alive"), STR("Set-Cookie"), STR("Content-Type"),
        STR("Max-Forwards"), STR("Authorization"), STR("Cache-Control"),
        STR("Content-Range"), STR("If-None-Match"), STR("Content-Length"),
        STR("Content-Encoding"), STR("Proxy-Connection"),
        STR("If-Modified-Since"), STR("Transfer-Encoding"),
        STR("If-Unmodified-Since"), STR("Proxy-Authorization"),
    };

    for (size_t i = 0; i < COUNT(forbidden); i++) {
        if (seed__str_alike(forbidden[i], name))
            return true;
    }
    return false;
}

/* There is room: what is kept of a line is shorter than the line, and
 * FRAME_TRAILER_ROOM bounds the lines. */
static void keep(struct frame *frame, char byte)
{
    if (!frame->dropped)
        frame->trailers[frame->trailer_length++] = byte;
}

static void end_trailer_name(struct frame *frame)
{
    struct str name;

    if (frame->dropped)
        return;

    name = (struct str){ frame->trailers + frame->trailer_start,
        (size_t)frame->trailer_length - frame->trailer_start };
    if (is_forbidden(name)) {
        frame->trailer_length = frame->trailer_start;
        frame->dropped = true;
    }
    keep(frame, '\0');
}

/* White space behind a value is not a part of it. */
static void end_trailer_value(struct frame *frame)
{
    const char *kept = frame->trailers;
    uint16_t length = frame->trailer_length;

    if (frame->dropped)
        return;

    while (kept[length - 1] == ' ' || kept[length - 1] == '\t')
        length--;
    frame->trailer_length = length;
    keep(frame, '\0');
}

static bool read_trailer(struct frame *frame, enum state from, enum state to,
    char byte)
{
    if (++frame->trailer_bytes > FRAME_TRAILER_ROOM)
        return false;

    if (from == LINE) {
        if (frame->trailer_count == FRAME_TRAILER_FIELDS)
            return false;
        frame->trailer_count++;
        frame->trailer_start = frame->trailer_length;
        frame->roomless = frame->roomless || !frame->trailers;
        frame->dropped = frame->roomless;
    }
    if (to == FIELD_NAME || to == FIELD_VALUE)
        keep(frame, byte);
    if (from == FIELD_NAME && to == FIELD_GAP)
        end_trailer_name(frame);
    if (to == FIELD_LF)
        end_trailer_value(frame);
    return true;
}

/* Sixteen digits at most, so that zeros cannot be sent for ever. */
static bool read_digit(struct frame *frame, char byte)
{
    if (++frame->digits > 16 || frame->left > (uint64_t)INT64_MAX >> 4)
        return false;

    frame->left = frame->left << 4 | seed__hex_value(byte);
    return true;
}

/* Does what a step in the table means; false when a limit is reached. */
static bool act(struct frame *frame, enum state to, char byte)
{
    enum state from = frame->state;

    frame->state = (uint8_t)to;
    if (to == SIZE)
        return read_digit(frame, byte);
    if (to >= GAP && to <= QUOTED_END)
        return ++frame->extension <= FRAME_EXTENSION_LIMIT;
    if (to >= FIELD_NAME && to <= FIELD_LF)
        return read_trailer(frame, from, to, byte);
    if (to == SIZE_FIRST)
        frame->digits = 0;
    if (to == DATA && !frame->left)
        frame->state = LINE;
    return true;
}

void seed__frame_begin(struct frame *frame, const struct head *head)
{
    *frame = (struct frame){ .left = head->length };
    frame->state = head->chunked ? SIZE_FIRST : head->length ? BODY : END;
    if (head->chunked)
        frame->left = 0;
}

static enum frame_step hand_out(struct frame *frame, const char **at,
    const char *end, const char **data, size_t *length)
{
    size_t there = (size_t)(end - *at);

    *data = *at;
    *length = there < frame->left ? there : (size_t)frame->left;
    *at += *length;
    frame->left -= *length;
    if (!frame->left)
        frame->state = frame->state == BODY ? END : DATA_CR;
    return FRAME_DATA;
}

enum frame_step seed__frame_next(struct frame *frame, const char **at,
    const char *end, const char **data, size_t *length)
{
    while (*at < end && frame->state > END) {
        char byte;
        enum state to;

        if (frame->state == DATA)
            return hand_out(frame, at, end, data, length);

        byte = *(*at)++;
        to = table[frame->state][class_of(byte)];
        if (!to || !act(frame, to, byte))
            frame->state = BAD;
    }
    if (frame->state == BAD)
        return FRAME_BAD;
    if (frame->state == END)
        return FRAME_END;
    if (frame->state == BODY && *at < end)
        return hand_out(frame, at, end, data, length);
    return FRAME_MORE;
}

bool seed__frame_ended(const struct frame *frame)
{
    return frame->state == END;
}
