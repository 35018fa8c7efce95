/* SPDX-License-Identifier: MIT */
#include "http/uri.h"

#include "base/scan.h"

#include <string.h>

static struct str piece(const char *from, const char *to)
{
    return (struct str){ from, (size_t)(to - from) };
}

static const char *find(const char *at, const char *end, char byte)
{
    const char *found = at < end ? memchr(at, byte, (size_t)(end - at)) : NULL;

    return found ? found : end;
}

/* An absolute form whose authority is followed by '?' or by nothing: the path
 * is "/" (RFC 9110 4.2.3), which has to be put in front of the query. */
static bool split_pathless(struct target *out, struct str query,
    struct arena *arena)
{
    char *url;

    out->url = out->path = STR("/");
    if (!query.length)
        return true;

    url = seed__arena_bytes(arena, query.length + 2);
    if (!url)
        return false;

    *url = '/';
    memcpy(url + 1, query.at, query.length);
    url[query.length + 1] = '\0';
    out->url = (struct str){ url, query.length + 1 };
    out->path = (struct str){ url, 1 };
    out->query = (struct str){ url + 2, query.length - 1 };
    return true;
}

static void split_url(struct target *out, struct str url)
{
    const char *end = url.at + url.length;
    const char *mark = find(url.at, end, '?');

    out->url = url;
    out->path = piece(url.at, mark);
    out->query = mark < end ? piece(mark + 1, end) : piece(end, end);
}

bool seed__target_split(struct target *out, struct str target,
    struct arena *arena)
{
    const char *end = target.at + target.length, *colon, *at;

    *out = (struct target){ STR(""), STR(""), STR(""), STR("") };
    if (*target.at == '/' || *target.at == '*') {
        split_url(out, target);
        return true;
    }

    /* CONNECT's authority form has no scheme: nothing but an authority. */
    colon = find(target.at, end, ':');
    if (end - colon < 3 || memcmp(colon, "://", 3)) {
        out->authority = target;
        return true;
    }

    at = colon + 3;
    while (at < end && *at != '/' && *at != '?')
        at++;
    out->authority = piece(colon + 3, at);
    if (at == end || *at == '?')
        return split_pathless(out, piece(at, end), arena);

    split_url(out, piece(at, end));
    return true;
}

bool seed__target_valid(struct str target)
{
    const char *end = target.at + target.length;

    return target.length && *target.at == '/' &&
        seed__scan_target(target.at, end) == end;
}

static int decode_one(const char *at, const char *end)
{
    if (end - at < 3 || !seed__byte_is(at[1], BYTE_HEX) ||
        !seed__byte_is(at[2], BYTE_HEX))
        return -1;

    return (int)(seed__hex_value(at[1]) << 4 | seed__hex_value(at[2]));
}

long seed__percent_decode(char *out, struct str text, bool plus_is_blank,
    bool nul)
{
    const char *at = text.at, *end = at + text.length;
    char *start = out;

    while (at < end) {
        int byte = (unsigned char)*at;

        if (byte == '%') {
            byte = decode_one(at, end);
            at += byte < 0 ? 0 : 2;
        } else if (byte == '+' && plus_is_blank) {
            byte = ' ';
        }
        if (byte < 0 || (!byte && !nul))
            return -1;
        *out++ = (char)byte;
        at++;
    }
    return out - start;
}

size_t seed__percent_encode(char *out, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *start = out;

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (seed__byte_is(text.at[i], BYTE_PLAIN)) {
            *out++ = text.at[i];
            continue;
        }
        *out++ = '%';
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return (size_t)(out - start);
}
