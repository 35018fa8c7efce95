/* SPDX-License-Identifier: MIT */
/* The forms of a request target and the syntax of a host. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/str.h"

#include <stdbool.h>

/* RFC 9112 3.2. Absolute form is http or https with a valid authority and
 * without userinfo; authority form has a port. */
enum target_form {
    TARGET_BAD,
    TARGET_ORIGIN,
    TARGET_ABSOLUTE,
    TARGET_AUTHORITY,
    TARGET_ASTERISK
};

/* The bytes were scanned already: visible ASCII without '#'. */
enum target_form seed__target_form(struct str target);

/* A Host field's value: uri-host [ ":" port ] (RFC 9110 7.2), or nothing. */
bool seed__host_valid(struct str host);

#endif
