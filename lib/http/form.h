/* SPDX-License-Identifier: MIT */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/mem.h"
#include "base/str.h"

#include <seed/req.h>

/* application/x-www-form-urlencoded (WHATWG URL 5.1, but strict about '%'):
 * pairs into the arena, or NULL when malformed, over the limit or without
 * memory. Empty parts between '&' are passed over. */
const seed_pairs *seed__form_parse(struct arena *arena, struct str text,
    size_t limit);

#endif
