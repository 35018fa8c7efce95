/* SPDX-License-Identifier: MIT */
/* The names of addresses. */
#ifndef WATCH_SYMBOL_H
#define WATCH_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes "function", or "library+0x1234" for addr2line where no name is known.
 * Static functions have a name unless the program was stripped. It takes the
 * loader's lock and reads files: not for a signal handler. Returns out. */
char *seed__symbol_name(const void *address, char *out, size_t room);

/* Likewise the function at an address as the file has it, which need not be
 * loaded. False when the file is gone, or has no name there. */
bool seed__symbol_in(const char *path, uintptr_t at, char *out, size_t room);

/* From the first to behind the last function of a file whose name begins with
 * `prefix`, as the file has the addresses. False when there is none. */
bool seed__symbol_range(const char *path, const char *prefix, uintptr_t *from,
    uintptr_t *to);

#endif
