/* SPDX-License-Identifier: MIT */
#include "route/piece.h"

#include "http/uri.h"

#include <string.h>

static enum piece bad(struct pieces *pieces, const char *why)
{
    pieces->why = why;
    return PIECE_BAD;
}

static enum piece fixed(struct pieces *pieces, char byte, size_t read)
{
    pieces->byte = byte;
    pieces->at += read;
    return PIECE_BYTE;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || c == '_';
}

static enum piece read_colon(struct pieces *pieces)
{
    const char *name = pieces->at + 1, *end = name;

    if (*name == ':')
        return fixed(pieces, ':', 2);
    while (is_name(*end))
        end++;
    if (end == name)
        return bad(pieces, "a parameter has no name");
    if (*end == '(')
        return bad(pieces, "a parameter has a regular expression");
    if (*end == ':' && end[1] != ':')
        return bad(pieces, "two parameters have no text between them");

    pieces->name = (struct str){ name, (size_t)(end - name) };
    pieces->at = end;
    return PIECE_PARAM;
}

/* A pattern begins with '/', so there is always a byte before the star. */
static enum piece read_star(struct pieces *pieces)
{
    if (pieces->at[-1] != '/' || (pieces->at[1] && pieces->at[1] != '/'))
        return bad(pieces, "'*' is only a part of its segment");
    if (pieces->at[1])
        return bad(pieces, "'*' is not the last segment");

    pieces->name = (struct str){ pieces->at, 1 };
    pieces->at++;
    return PIECE_WILD;
}

static enum piece read_escape(struct pieces *pieces)
{
    struct str code = { pieces->at, strnlen(pieces->at, 3) };
    char byte;

    if (seed__percent_decode(&byte, code, false, false) != 1)
        return bad(pieces,
            "a '%' is not followed by two hex digits, or is %00");

    return fixed(pieces, byte, 3);
}

static bool is_forbidden(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f || c == '?' || c == '#';
}

enum piece seed__piece_next(struct pieces *pieces)
{
    char c = *pieces->at;

    if (!c)
        return PIECE_END;
    if (c == ':')
        return read_colon(pieces);
    if (c == '*')
        return read_star(pieces);
    if (c == '%')
        return read_escape(pieces);
    if (is_forbidden(c))
        return bad(pieces, "it has a blank, a control character, '?' or '#'");
    if (c != '/')
        return fixed(pieces, c, 1);

    pieces->at++;
    return PIECE_SLASH;
}
