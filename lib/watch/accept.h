/* SPDX-License-Identifier: MIT */
/* Which of two media types a client wants (RFC 9110 12.5.1). */
#ifndef WATCH_ACCEPT_H
#define WATCH_ACCEPT_H

#include <stdbool.h>

/* True when Accept rates `type` above `other`. Without the field, or on equal
 * terms, it does not. Both in lower case without parameters; the field's
 * parameters but q are not looked at. */
bool seed__accept_prefers(const char *accept, const char *type,
    const char *other);

#endif
