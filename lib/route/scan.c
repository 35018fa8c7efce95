/* SPDX-License-Identifier: MIT */
#include "route/scan.h"

#include "http/uri.h"

#include <string.h>

static enum piece bad(struct scan *scan, const char *why)
{
    scan->why = why;
    return PIECE_BAD;
}

static enum piece fixed(struct scan *scan, char byte, size_t read)
{
    scan->byte = byte;
    scan->at += read;
    return PIECE_BYTE;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || c == '_';
}

static enum piece scan_colon(struct scan *scan)
{
    const char *name = scan->at + 1, *end = name;

    if (*name == ':')
        return fixed(scan, ':', 2);
    while (is_name(*end))
        end++;
    if (end == name)
        return bad(scan, "a parameter has no name");
    if (*end == '(')
        return bad(scan, "a parameter has a regular expression");
    if (*end == ':' && end[1] != ':')
        return bad(scan, "two parameters have no text between them");

    scan->name = (struct str){ name, (size_t)(end - name) };
    scan->at = end;
    return PIECE_PARAM;
}

/* A pattern begins with '/', so there is always a byte before the star. */
static enum piece scan_star(struct scan *scan)
{
    if (scan->at[-1] != '/' || (scan->at[1] && scan->at[1] != '/'))
        return bad(scan, "'*' is only a part of its segment");
    if (scan->at[1])
        return bad(scan, "'*' is not the last segment");

    scan->name = (struct str){ scan->at, 1 };
    scan->at++;
    return PIECE_WILD;
}

static enum piece scan_escape(struct scan *scan)
{
    struct str code = { scan->at, strnlen(scan->at, 3) };
    char byte;

    if (seed__percent_decode(&byte, code, false, false) != 1)
        return bad(scan, "a '%' is not followed by two hex digits, or is %00");

    return fixed(scan, byte, 3);
}

static bool is_forbidden(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f || c == '?' || c == '#';
}

enum piece seed__scan_next(struct scan *scan)
{
    char c = *scan->at;

    if (!c)
        return PIECE_END;
    if (c == ':')
        return scan_colon(scan);
    if (c == '*')
        return scan_star(scan);
    if (c == '%')
        return scan_escape(scan);
    if (is_forbidden(c))
        return bad(scan, "it has a blank, a control character, '?' or '#'");
    if (c != '/')
        return fixed(scan, c, 1);

    scan->at++;
    return PIECE_SLASH;
}
