/* SPDX-License-Identifier: MIT */
#include "watch/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* q=0.25 in thousandths; 1000 where it does not stand, or is none. */
static int read_weight(const char *at)
{
    int weight, unit = 100;

    if (*at != '0' && *at != '1')
        return 1000;
    weight = (*at++ - '0') * 1000;
    if (*at++ != '.')
        return weight;
    for (; unit && *at >= '0' && *at <= '9'; at++, unit /= 10)
        weight += (*at - '0') * unit;
    return weight > 1000 ? 1000 : weight;
}

static int find_weight(const char *parameters, const char *end)
{
    const char *at = parameters;

    while (at < end && (at = memchr(at, ';', (size_t)(end - at)))) {
        at += 1 + strspn(at + 1, " \t");
        if (at + 2 < end && (*at == 'q' || *at == 'Q') && at[1] == '=')
            return read_weight(at + 2);
    }
    return 1000;
}

/* How exactly a range names a type: 3 by name, 2 as "text" and a star, 1 as
 * two stars, 0 not at all. */
static int how_exact(const char *range, size_t length, const char *type)
{
    size_t major = strcspn(type, "/") + 1;

    if (length == strlen(type) && !strncasecmp(range, type, length))
        return 3;
    if (length == major + 1 && range[major] == '*'
        && !strncasecmp(range, type, major))
        return 2;
    return length == 3 && !memcmp(range, "*/*", 3);
}

static int weight_of(const char *accept, const char *type)
{
    int weight = 0, best = 0;

    while (*accept) {
        const char *end;
        size_t length;
        int exact;

        accept += strspn(accept, ", \t");
        end = accept + strcspn(accept, ",");
        length = strcspn(accept, ",; \t");
        exact = length ? how_exact(accept, length, type) : 0;
        if (exact > best) {
            best = exact;
            weight = find_weight(accept + length, end);
        }
        accept = end;
    }
    return weight;
}

bool seed__accept_prefers(const char *accept, const char *type,
    const char *other)
{
    return accept && weight_of(accept, type) > weight_of(accept, other);
}
