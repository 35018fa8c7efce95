/* SPDX-License-Identifier: MIT */
#include "flow/req.h"

#include <string.h>

/* RFC 3986 2: what may stand in a URI reference as it is. */
static bool may_stand(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9'))
        return true;
    return c && strchr("-._~:/?#[]@!$&'()*+,;=%", c);
}

static char *encode(seed_req *req, const char *location)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = seed__arena_bytes(&req->arena, strlen(location) * 3 + 1);
    char *end = out;

    for (; out && *location; location++) {
        unsigned char byte = (unsigned char)*location;

        if (may_stand(*location)) {
            *end++ = *location;
            continue;
        }
        *end++ = '%';
        *end++ = hex[byte >> 4];
        *end++ = hex[byte & 15];
    }
    if (out)
        *end = '\0';
    return out;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307
        || status == 308;
}

seed_step seed_redirect(seed_res *res, int status, const char *location)
{
    seed_req *req = REQ_OF_RES(res);
    char *encoded;

    if (!is_redirect(status))
        return seed_fail(res, 500, "%d is not a redirect", status);
    if (!location || strpbrk(location, "\r\n"))
        return seed_fail(res, 500, "a location may not hold a line end");
    if (!seed__send_allowed(res, "seed_redirect()"))
        return SEED_STOP;

    encoded = encode(req, location);
    if (!encoded || seed_res_set(res, "Location", encoded))
        return seed_fail(res, 503, "out of memory");
    return seed_send(res, status);
}
