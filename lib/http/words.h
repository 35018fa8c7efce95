/* SPDX-License-Identifier: MIT */
#ifndef HTTP_WORDS_H
#define HTTP_WORDS_H

#include "base/str.h"

#include <stdbool.h>

/* A status of RFC 9110 15 and its registry: reason phrase, and restify's
 * names for it. */
struct status {
    int code;
    const char *reason; /* "Not Found"                              */
    const char *name;   /* errors only: "NotFound"; else NULL       */
};

/* Never NULL: an unknown code gets its class's general words. */
const struct status *seed__status(int code);

/* "HTTP/1.1 200 OK\r\n", ready to send. `scratch` (64 bytes) holds the line of
 * a code that is not in the table. */
struct str seed__status_line(int code, char scratch[64]);

/* The methods that libseed knows without being told (RFC 9110 9, RFC 5789,
 * and the registry's WebDAV methods). CONNECT and TRACE are known too. */
bool seed__method_known(struct str method);
bool seed__token_valid(struct str text);
bool seed__field_value_valid(struct str text);

#endif
