/* SPDX-License-Identifier: MIT */
/* How much memory this process has. */
#ifndef PLUGIN_FOOTPRINT_H
#define PLUGIN_FOOTPRINT_H

#include <stdint.h>

/* Bytes that malloc() has given out and not got back. Takes malloc's locks,
 * one arena after the other. Any thread. */
uint64_t seed__footprint_heap(void);

/* Bytes of memory that are occupied, or 0 when it cannot be told: three system
 * calls. Any thread. */
uint64_t seed__footprint_rss(void);

#endif
