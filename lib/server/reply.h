/* SPDX-License-Identifier: MIT */
/* The answer of an injected request, taken apart. */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include <seed/inject.h>

#include <stdbool.h>

/* Copies `raw`. Returns NULL when memory is exhausted, or when the bytes hold
 * no whole head of a final answer. */
seed_reply *seed__reply_new(const char *raw, size_t length);

#endif
