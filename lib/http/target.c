/* SPDX-License-Identifier: MIT */
#include "http/target.h"

#include "base/scan.h"

#include <arpa/inet.h>
#include <string.h>

struct authority {
    struct str host;
    struct str port; /* the digits; `at` is NULL without a colon */
};

static struct str piece(const char *from, const char *to)
{
    return (struct str){ from, (size_t)(to - from) };
}

/* RFC 3986 3.2.2: what is inside the brackets. A zone has no meaning to a
 * server and is refused, as inet_pton() does. */
static bool is_ip_literal(struct str text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    const char *at, *end = text.at + text.length;

    if (!text.length)
        return false;

    if (seed__lower(*text.at) == 'v') {
        at = seed__scan_class(text.at + 1, end, BYTE_HEX);
        if (at == text.at + 1 || end - at < 2 || *at++ != '.')
            return false;
        while (at < end && (seed__byte_is(*at, BYTE_HOST) || *at == ':'))
            at++;
        return at == end;
    }
    if (text.length >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1;
}

/* Returns where the name ends, or NULL for a malformed '%'. */
static const char *scan_name(const char *at, const char *end)
{
    for (;;) {
        at = seed__scan_class(at, end, BYTE_HOST);
        if (at == end || *at != '%')
            return at;
        if (end - at < 3 || !seed__byte_is(at[1], BYTE_HEX) ||
            !seed__byte_is(at[2], BYTE_HEX))
            return NULL;
        at += 3;
    }
}

static const char *scan_host(const char *at, const char *end)
{
    const char *close;

    if (at == end || *at != '[')
        return scan_name(at, end);

    close = memchr(at, ']', (size_t)(end - at));
    return close && is_ip_literal(piece(at + 1, close)) ? close + 1 : NULL;
}

static bool read_authority(struct authority *out, struct str text)
{
    const char *end = text.at + text.length;
    const char *at = scan_host(text.at, end);

    if (!at || at == text.at)
        return false;

    out->host = piece(text.at, at);
    out->port = (struct str){ NULL, 0 };
    if (at == end)
        return true;
    if (*at++ != ':')
        return false;

    out->port = piece(at, end);
    return seed__scan_class(at, end, BYTE_DIGIT) == end;
}

bool seed__host_valid(struct str host)
{
    struct authority authority;

    return !host.length || read_authority(&authority, host);
}

static size_t scheme_length(struct str target)
{
    static const struct str schemes[] = { STR("http://"), STR("https://") };

    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct str start = { target.at, schemes[i].length };

        if (target.length > start.length && seed__str_alike(start, schemes[i]))
            return start.length;
    }
    return 0;
}

enum target_form seed__target_form(struct str target)
{
    size_t scheme;
    struct authority authority;
    const char *end = target.at + target.length, *at;

    if (!target.length)
        return TARGET_BAD;
    if (*target.at == '/')
        return TARGET_ORIGIN;
    if (target.length == 1 && *target.at == '*')
        return TARGET_ASTERISK;

    scheme = scheme_length(target);
    if (!scheme) {
        bool whole = read_authority(&authority, target);

        return whole && authority.port.length ? TARGET_AUTHORITY : TARGET_BAD;
    }

    at = target.at + scheme;
    while (at < end && *at != '/' && *at != '?')
        at++;
    return read_authority(&authority, piece(target.at + scheme, at))
        ? TARGET_ABSOLUTE
        : TARGET_BAD;
}
