/* SPDX-License-Identifier: MIT */
/* The names of addresses. */
#ifndef WATCH_SYMBOL_H
#define WATCH_SYMBOL_H

#include <stddef.h>

/* Writes "function", or "library+0x1234" for addr2line where no name is known.
 * Static functions have a name unless the program was stripped. It takes the
 * loader's lock and reads files: not for a signal handler. Returns out. */
char *seed__symbol_name(const void *address, char *out, size_t room);

#endif
