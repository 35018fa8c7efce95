/* SPDX-License-Identifier: MIT */
/* Errors in the shape of pino-std-serializers: type, message with its causes,
 * stack (which begins with the message, and is all that pino-pretty shows),
 * then what else the error has. */
#include "watch/log_http.h"

#include <seed/error.h>

#include <errno.h>

static const struct {
    int number;
    const char *name;
} names[] = {
#define NAME(name) { name, #name }
    NAME(EACCES), NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(EAGAIN),
    NAME(EBADF), NAME(EBUSY), NAME(ECONNABORTED), NAME(ECONNREFUSED),
    NAME(ECONNRESET), NAME(EDQUOT), NAME(EEXIST), NAME(EFBIG),
    NAME(EHOSTUNREACH), NAME(EINTR), NAME(EINVAL), NAME(EIO), NAME(EISDIR),
    NAME(ELOOP), NAME(EMFILE), NAME(ENAMETOOLONG), NAME(ENETUNREACH),
    NAME(ENFILE), NAME(ENOENT), NAME(ENOMEM), NAME(ENOSPC), NAME(ENOTCONN),
    NAME(ENOTDIR), NAME(ENOTEMPTY), NAME(EPERM), NAME(EPIPE), NAME(EROFS),
    NAME(ETIMEDOUT),
#undef NAME
};

static const char *name_of(int number)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    return NULL;
}

static void put_string(struct line *line, const char *text)
{
    seed__put_escaped(&line->out, text, strlen(text));
}

/* A string of several: "TYPE: MESSAGE" and "...: CAUSE". */
struct piece {
    const char *before, *text; /* NULL text: neither is written */
};

static void put_pieces(struct line *line, const struct piece *pieces,
    size_t count)
{
    seed__put_char(&line->out, '"');
    for (size_t i = 0; i < count; i++) {
        if (!pieces[i].text)
            continue;
        put_string(line, pieces[i].before);
        put_string(line, pieces[i].text);
    }
    seed__put_char(&line->out, '"');
}

/* "NotFound" is a NotFoundError, as restify and http-errors name theirs. */
static const char *suffix_of(const char *name)
{
    size_t length = strlen(name);

    return length >= 5 && !strcmp(name + length - 5, "Error") ? "" : "Error";
}

void seed__line_fault(struct line *line, const seed_log_field *field)
{
    const seed_fault *fault = field->value.thing;
    const char *name = fault->name ? fault->name : "";
    const struct piece type[] = { { "", name }, { suffix_of(name), "" } };
    const struct piece stack[] = { type[0], type[1], { ": ", fault->message },
        { "\ncaused by: ", fault->cause } };
    const struct piece message[] = { { "", fault->message },
        { ": ", fault->cause } };

    seed__line_push(line, '{');
    if (LINE_OPEN(line, "type"))
        put_pieces(line, type, 2);
    if (LINE_OPEN(line, "message"))
        put_pieces(line, message, 2);
    if (LINE_OPEN(line, "stack"))
        put_pieces(line, stack, 4);
    if (fault->code && LINE_OPEN(line, "code"))
        seed__line_string(line, fault->code);
    if (LINE_OPEN(line, "statusCode"))
        seed__put_int(&line->out, fault->status);
    seed__line_leave(line);
}

void seed__line_errno(struct line *line, const seed_log_field *field)
{
    int number = (int)field->length;
    const char *call = field->value.thing, *name = name_of(number);
    const struct piece said[] = { { "Error: ", name },
        { name ? ": " : "Error: ", strerror(number) }, { ", ", call } };
    struct piece message[] = { said[0], said[1], said[2] };

    message[0].before = "";
    message[1].before = name ? ": " : "";
    seed__line_push(line, '{');
    if (LINE_OPEN(line, "type"))
        PUT(&line->out, "\"Error\"");
    if (LINE_OPEN(line, "message"))
        put_pieces(line, message, 3);
    if (LINE_OPEN(line, "stack"))
        put_pieces(line, said, 3);
    if (LINE_OPEN(line, "errno"))
        seed__put_int(&line->out, -(int64_t)number);
    if (name && LINE_OPEN(line, "code"))
        seed__line_string(line, name);
    if (call && LINE_OPEN(line, "syscall"))
        seed__line_string(line, call);
    seed__line_leave(line);
}

void seed__line_status(struct line *line, int status)
{
    char digits[24];
    struct out out = { digits, digits + sizeof digits - 1, false };
    const struct piece stack[] = {
        { "Error: failed with status code ", digits } };
    const struct piece message[] = { { "failed with status code ", digits } };

    seed__put_uint(&out, (uint64_t)status);
    *out.at = '\0';
    seed__line_push(line, '{');
    if (LINE_OPEN(line, "type"))
        PUT(&line->out, "\"Error\"");
    if (LINE_OPEN(line, "message"))
        put_pieces(line, message, 1);
    if (LINE_OPEN(line, "stack"))
        put_pieces(line, stack, 1);
    seed__line_leave(line);
}
