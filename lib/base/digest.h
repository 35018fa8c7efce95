/* SPDX-License-Identifier: MIT */
/* The public digests (seed/plugin.h): OpenSSL's second door. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

/* Gives OpenSSL's allocations to base/mem; before OpenSSL's first use. */
int seed__digest_use_allocator(void);

#endif
