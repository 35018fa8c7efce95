/* SPDX-License-Identifier: MIT */
/* Who may ask: where to listen, and which requests are let in. */
#include "watch/admin.h"

#include <seed/error.h>
#include <seed/req.h>
#include <seed/res.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- addresses ------------------------------------------------------------ */

static bool parse_port(int *out, const char *text)
{
    size_t length = strlen(text);

    if (!length || length > 5 || strspn(text, "0123456789") != length)
        return false;
    *out = atoi(text);
    return *out <= 65535;
}

static bool copy_host(char *out, const char *from, size_t length)
{
    if (!length || length >= ADMIN_HOST)
        return false;
    memcpy(out, from, length);
    out[length] = '\0';
    return true;
}

bool seed__admin_parse(struct admin_address *out, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t length;

    memset(out, 0, sizeof *out);
    if (*text == '/' || !strncmp(text, "unix:", 5)) {
        out->path = text + (*text == '/' ? 0 : 5);
        return *out->path != '\0';
    }
    if (!colon || colon == text) {
        strcpy(out->host, "localhost");
        return parse_port(&out->port, text + (colon == text));
    }

    length = (size_t)(colon - text);
    if (*text == '[') {
        if (length < 3 || colon[-1] != ']')
            return false;
        return copy_host(out->host, text + 1, length - 2)
            && parse_port(&out->port, colon + 1);
    }
    return !memchr(text, ':', length) && copy_host(out->host, text, length)
        && parse_port(&out->port, colon + 1);
}

/* True for the loopback's addresses and its name. */
static bool is_loopback(const char *host)
{
    struct in6_addr six;
    struct in_addr four;

    if (!strcasecmp(host, "localhost"))
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool seed__admin_is_local(const struct admin_address *address)
{
    return address->path || is_loopback(address->host);
}

/* --- requests ------------------------------------------------------------- */

bool seed__admin_token_is_valid(const char *token)
{
    for (const char *at = token; *at; at++)
        if (*at < 0x21 || *at > 0x7e)
            return false;
    return *token != '\0';
}

/* Takes as long for any text of this length: how much of it is right must not
 * be told by time. */
static bool is_same(const char *token, const char *text)
{
    size_t length = strlen(token), given = strlen(text);
    volatile unsigned char differs = length != given;

    for (size_t i = 0; i < given; i++)
        differs |= (unsigned char)(text[i] ^ token[i % length]);
    return !differs;
}

/* RFC 9110 11.4: the scheme's name has no case. */
static bool has_token(const seed_req *req, const char *token)
{
    const char *given = seed_req_header(req, "Authorization");

    if (!given || strncasecmp(given, "Bearer ", 7))
        return false;
    given += 7;
    return is_same(token, given + strspn(given, " "));
}

/* A page of the web may make a name of its own point to the loopback, and its
 * visitors' browsers then ask here; but they say that name. */
static bool names_this_machine(const seed_req *req)
{
    struct admin_address address;
    const char *host = seed_req_host(req);
    char with_port[ADMIN_HOST + 8];
    size_t length = strlen(host);

    if (!*host)
        return true; /* HTTP/1.0, which no browser speaks */
    if (length >= ADMIN_HOST)
        return false;

    memcpy(with_port, host, length + 1);
    if (host[length - 1] == ']' || !strchr(host, ':'))
        strcat(with_port, ":0");
    return seed__admin_parse(&address, with_port) && !address.path
        && is_loopback(address.host);
}

seed_step seed__admin_guard(seed_req *req, seed_res *res, void *ctx)
{
    const struct admin_guard *guard = ctx;

    seed_res_set(res, "Cache-Control", "no-store");
    seed_res_set(res, "X-Content-Type-Options", "nosniff");
    seed_res_set(res, "Content-Security-Policy", "default-src 'none'; "
        "style-src 'unsafe-inline'; frame-ancestors 'none'");
    if (guard->token && !has_token(req, guard->token)) {
        seed_res_set(res, "WWW-Authenticate", "Bearer realm=\"admin\"");
        return seed_fail(res, 401, "send Authorization: Bearer and the token");
    }
    if (guard->by_host && !names_this_machine(req))
        return seed_fail(res, 403, "ask for this by localhost or its address");
    return SEED_NEXT;
}
